"""A real registrar and proxy on loopback, made anew for each test file."""

import re

from . import pki
from .proc import Proc, bound, wait_until

DOMAIN = pki.DOMAIN
USERS = ("alice", "bob", "carol", "dave")


def password(user):
    return f"secret-of-{user}"


CONFIG = r"""#!KAMAILIO
debug=2
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
alias="@DOMAIN@"
alias="@HOST@"
listen=udp:@HOST@:@PORT@
listen=tcp:@HOST@:@PORT@
listen=tls:@HOST@:@TLSPORT@
enable_tls=yes
tcp_accept_no_cl=yes
tcp_connection_lifetime=3605
dns=off
rev_dns=off

loadmodule "tls.so"
loadmodule "kex.so"
loadmodule "corex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "htable.so"
loadmodule "auth.so"
loadmodule "nathelper.so"

@PRESENCE@
@STUN@
modparam("tls", "config", "@DIR@/tls.cfg")
modparam("tm", "fr_timer", 5000)
modparam("tm", "fr_inv_timer", @RING@)
modparam("tm", "failure_reply_mode", 3)
modparam("rr", "enable_full_lr", 1)
modparam("rr", "append_fromtag", 1)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "method_filtering", 1)
modparam("registrar", "min_expires", 5)
modparam("registrar", "max_expires", 3600)
modparam("registrar", "received_avp", "$avp(received)")
modparam("nathelper", "received_avp", "$avp(received)")
modparam("htable", "htable", "users=>size=5;")
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("auth", "nonce_expire", 300)
modparam("auth", "algorithm", "@ALGORITHM@")

event_route[htable:mod-init] {
@USERS@
}

request_route {
	xlog("L_NOTICE", "PROXY $rm $ru from $fu src $proto:$si:$sp\n");
	if (!mf_process_maxfwd_header("30")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	force_rport();
	if (is_method("OPTIONS") && uri == myself && $rU == $null) {
		sl_send_reply("200", "OK");
		exit;
	}
	if (is_method("CANCEL")) {
		if (t_check_trans()) { t_relay(); }
		exit;
	}
	if (has_totag()) {
@INDIALOG@
		if (loose_route()) {
			if (uri == myself && is_gruu()) {
				# linphone's Contact is a GRUU of this domain
				if (!lookup("location")) {
					if (!is_method("ACK")) {
						sl_send_reply("404", "Gone");
					}
					exit;
				}
			} else {
				handle_ruri_alias();
			}
			route(RELAY);
			exit;
		}
		if (is_method("ACK")) {
			if (t_check_trans()) { t_relay(); }
			exit;
		}
		sl_send_reply("404", "Not Here");
		exit;
	}
	if (is_method("ACK")) {
		if (t_check_trans()) { t_relay(); }
		exit;
	}
	t_check_trans();
	if (is_method("REGISTER")) { t_newtran(); }
	if (is_method("REGISTER") || from_uri == myself) { route(AUTH); }
	remove_hf("Route");
@ROUTE@
	if (is_method("INVITE|SUBSCRIBE")) {
		record_route();
		if ($proto != "udp") { add_contact_alias(); }
	}
	if (is_method("REGISTER")) {
		if ($proto != "udp") { fix_nated_register(); }
		if (!save("location")) { sl_reply_error(); }
		xlog("L_NOTICE", "PROXY registered $tU expires $hdr(Expires)\n");
		exit;
	}
	if (uri != myself) {
		if ($rd =~ "^127\.") { route(RELAY); }
		sl_send_reply("403", "Loopback only");
		exit;
	}
	if ($sht(users=>$rU) == $null) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	if (!lookup("location")) {
		sl_send_reply("480", "Temporarily Unavailable");
		exit;
	}
	route(RELAY);
}

route[AUTH] {
	$var(pass) = $null;
	if ($au != $null) { $var(pass) = $sht(users=>$au); }
	if (is_method("REGISTER")) {
		if ($var(pass) == $null ||
		    !pv_www_authenticate("@DOMAIN@", "$var(pass)", "0")) {
			www_challenge("@DOMAIN@", "1");
			exit;
		}
	} else {
		if ($var(pass) == $null ||
		    !pv_proxy_authenticate("@DOMAIN@", "$var(pass)", "0")) {
			proxy_challenge("@DOMAIN@", "1");
			exit;
		}
	}
	if ($au != $fU) { sl_send_reply("403", "Not your address"); exit; }
	xlog("L_NOTICE", "PROXY login $au $rm with $hdr(Authorization)$hdr(Proxy-Authorization)\n");
	consume_credentials();
}

route[RELAY] {
@BODY@
	t_on_reply("ANY");
	if (!t_relay()) { sl_reply_error(); }
	exit;
}

onreply_route[ANY] {
@BODY@
	xlog("L_NOTICE", "PROXY reply $rs to $rm from $proto:$si:$sp\n");
	if ($proto != "udp" && $rs =~ "^(18|2)") { add_contact_alias(); }
}
"""

# Presence in memory alone: it wants a database and makes none. Without GRUU,
# whose domain it would look up to send a NOTIFY there
PRESENCE = """
loadmodule "db_sqlite.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
loadmodule "presence_mwi.so"
loadmodule "presence_dialoginfo.so"
modparam("presence", "db_url", "sqlite://@DIR@/presence.db")
modparam("presence", "server_address", "sip:@HOST@:@PORT@")
modparam("presence", "subs_db_mode", 0)
modparam("presence", "publ_cache", 2)
modparam("presence", "send_fast_notify", 1)
modparam("presence", "min_expires", 1)
modparam("presence_xml", "db_url", "sqlite://@DIR@/presence.db")
modparam("presence_xml", "force_active", 1)
modparam("registrar", "gruu_enabled", 0)
modparam("presence_dialoginfo", "force_single_dialog", 0)
"""
ROUTE = """
	if (is_method("REGISTER")) {
		append_to_reply("Allow-Events: @EVENTS@\\r\\n");
	}
	if (is_method("PUBLISH|SUBSCRIBE") && uri == myself) {
		if (!t_newtran()) { sl_reply_error(); exit; }
		if (is_method("PUBLISH")) { handle_publish(); }
		else { handle_subscribe(); }
		t_release();
		exit;
	}
"""

# Answers STUN at its SIP port, and says so (RFC 5626)
STUN = 'loadmodule "stun.so"'
FLOW = """
	if (is_method("REGISTER")) {{
		append_to_reply("Require: outbound\\r\\nFlow-Timer: {0}\\r\\n");
	}}
"""

INDIALOG = """
		if (is_method("SUBSCRIBE") && uri == myself) {
			if (!t_newtran()) { sl_reply_error(); exit; }
			handle_subscribe();
			t_release();
			exit;
		}
"""

# Keys in SDP are said to be good for so many packets
BODY = """
	subst_body('/(inline:[A-Za-z0-9+\\/=]+)/\\1|{}/g');
"""

TLS = """[server:default]
method = TLSv1.2+
verify_certificate = {1}
require_certificate = {1}
private_key = {0}/server.key
certificate = {0}/server.pem
ca_list = {0}/ca.pem
[client:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
ca_list = {0}/ca.pem
"""


class Kamailio(Proc):
    """UDP and TCP on PORT, TLS on PORT + 1, users and passwords above."""

    def __init__(self, folder, host="127.0.0.1", port=5060, algorithm="MD5",
                 cert="good", ring_ms=60000, presence=False,
                 demand_cert=False, flow_timer=0, lifetime=None):
        super().__init__(folder)
        self.host, self.port = host, port
        self.ca = pki.make(self.folder, cert, host)
        words = {
            "DIR": self.folder, "HOST": host, "PORT": port,
            "TLSPORT": port + 1, "DOMAIN": DOMAIN, "ALGORITHM": algorithm,
            "RING": ring_ms,
            "EVENTS": "message-summary, dialog" +
            (", presence" if presence == "offered" else ""),
            "USERS": "\n".join(f'\t$sht(users=>{u}) = "{password(u)}";'
                               for u in USERS),
        }
        text = CONFIG
        route = ROUTE if presence else ""
        if flow_timer:
            route += FLOW.format(flow_timer)
        text = text.replace("@BODY@", BODY.format(lifetime)
                            if lifetime else "")
        for name, part in (("PRESENCE", presence and PRESENCE),
                           ("STUN", flow_timer and STUN),
                           ("ROUTE", route),
                           ("INDIALOG", presence and INDIALOG)):
            text = text.replace(f"@{name}@", part or "")
        self.write("tls.cfg", TLS.format(
            self.folder, "yes" if demand_cert else "no"))
        self.write("kamailio.cfg", re.sub(
            r"@([A-Z]+)@", lambda m: str(words[m[1]]), text))

    def start(self):
        self.spawn(["kamailio", "-DD", "-E", "-m", "64", "-M", "8", "-Y",
                    self.folder, "-f", self.path("kamailio.cfg")],
                   group=True)
        wait_until(lambda: self.ready() or not self.running(), 15,
                   "kamailio's sockets")
        assert self.running(), self.output()[-3000:]
        return self

    def ready(self):
        return bound("udp", self.host, self.port) and \
            bound("tcp", self.host, self.port) and \
            bound("tcp", self.host, self.port + 1)

    def server(self, transport="udp"):
        """What goes into `account add --server`."""
        port = self.port + (transport == "tls")
        return f"sip:{self.host}:{port};transport={transport}"

    def account(self, user, transport="udp", **more):
        """Parameters of account.add for one of its users."""
        prm = {"address": f"{user}@{DOMAIN}", "password": password(user),
               "server": self.server(transport)}
        if transport == "tls":
            prm["ca"] = self.ca
        prm.update(more)
        return prm

    def stop(self):
        # its children hold the sockets: whoever dawdles is taken along
        self.end(timeout=10, group=True)
        wait_until(lambda: not self.ready(), 10, "kamailio to go")
