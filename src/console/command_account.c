/**
 * @file command_account.c  Commands about accounts
 *
 * A password never stands in argv, where every user of the machine could
 * read it: it comes from a file, a command, or is typed without echo.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"
#include "secret.h"
#include "words.h"


static int show_account(struct cmd *cmd, json_t *a)
{
	const json_t *reason = json_object_get(a, "reason");
	const char *state = obj_str(a, "state");
	const char *text = obj_str(reason, "text");
	const char *listen = obj_str(a, "listen");
	bool direct = !strcmp(state, "direct");
	char said[512];

	cmd_print(cmd, "%-3lld %s  %s%s%s%s%s%s%s\n",
		  (long long)obj_int(a, "id"), obj_str(a, "address"),
		  words_state(state),
		  *obj_str(a, "transport") ? " " : "",
		  obj_str(a, "transport"), *text ? ": " : "",
		  i18n_phone(text, said, sizeof(said)),
		  direct && *listen ? _("  at sip:") : "",
		  direct ? listen : "");

	return CMD_OK;
}


static int show_accounts(struct cmd *cmd, json_t *list)
{
	json_t *a;
	size_t i;

	json_array_foreach(list, i, a)
		(void)show_account(cmd, a);
	if (!json_array_size(list))
		cmd_print(cmd, "no account yet: offhook account add "
			  "ADDRESS\n");

	return CMD_OK;
}


static int cmd_accounts(struct cmd *cmd, int argc, char *argv[])
{
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 1)
		return CMD_USAGE;

	return cmd_rpc(cmd, "account.list", NULL, show_accounts);
}


json_int_t command_account(struct cmd *cmd, const char *text)
{
	json_t *list = NULL, *a;
	json_int_t id = 0;
	size_t i;

	if (!cmd_integer(text, &id) && id)
		return id;
	if (cmd->console)
		id = console_account(cmd->console, text);
	else if (!client_call(cmd->client, "account.list", NULL, &list)) {
		json_array_foreach(list, i, a) {
			const char *address = obj_str(a, "address");

			if (!strcmp(address, text) ||
			    (!strncmp(address, "sip:", 4) &&
			     !strcmp(address + 4, text)))
				id = obj_int(a, "id");
		}
		json_decref(list);
	}

	if (!id)
		(void)cmd_fail(cmd, "no account \"%s\": `offhook accounts` "
			       "lists them", text);

	return id;
}


/* Read a line from the terminal without echo; "" if it is none */
static int ask_password(const char *address, char *buf, size_t size)
{
	struct termios old, quiet;
	char *line;
	FILE *tty;

	buf[0] = '\0';
	if (!isatty(STDIN_FILENO))
		return 0;
	tty = fopen("/dev/tty", "r+");
	if (!tty)
		return 0;

	(void)fprintf(tty, _("Password for %s (empty: none): "), address);
	(void)fflush(tty);

	if (tcgetattr(fileno(tty), &old)) {
		(void)fclose(tty);
		return 0;
	}
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
	line = fgets(buf, (int)size, tty);
	(void)tcsetattr(fileno(tty), TCSAFLUSH, &old);
	(void)fprintf(tty, "\n");
	(void)fclose(tty);

	if (!line)
		return EIO;
	buf[strcspn(buf, "\n")] = '\0';

	return 0;
}


struct account_opts {
	const char *name, *server, *user, *realm, *ca, *listen;
	const char *pin, *client_cert, *allow, *codecs, *security;
	const char *presence;
	const char *password_file, *password_command;
	bool direct, no_direct, auto_answer, no_auto_answer;
};


static void set_str(json_t *params, const char *key, const char *value)
{
	if (value)
		json_object_set_new(params, key, json_string(value));
}


/* The phone has its own working folder */
static void set_path(json_t *params, const char *key, const char *file)
{
	char path[PATH_MAX];

	if (file)
		set_str(params, key, realpath(file, path) ? path : file);
}


static int account_options(struct cmd *cmd, int *argc, char *argv[],
			   struct account_opts *o, json_t *params)
{
	const struct cmd_opt opts[] = {
		{ "name", &o->name, NULL },
		{ "server", &o->server, NULL },
		{ "user", &o->user, NULL },
		{ "realm", &o->realm, NULL },
		{ "password-file", &o->password_file, NULL },
		{ "password-command", &o->password_command, NULL },
		{ "ca", &o->ca, NULL },
		{ "listen", &o->listen, NULL },
		{ "pin", &o->pin, NULL },
		{ "client-cert", &o->client_cert, NULL },
		{ "allow", &o->allow, NULL },
		{ "codecs", &o->codecs, NULL },
		{ "security", &o->security, NULL },
		{ "presence", &o->presence, NULL },
		{ "direct", NULL, &o->direct },
		{ "no-direct", NULL, &o->no_direct },
		{ "auto-answer", NULL, &o->auto_answer },
		{ "no-auto-answer", NULL, &o->no_auto_answer },
		{ NULL, NULL, NULL }
	};

	if (cmd_options(cmd, argc, argv, opts))
		return CMD_USAGE;

	set_str(params, "name", o->name);
	set_str(params, "server", o->server);
	set_str(params, "user", o->user);
	set_str(params, "realm", o->realm);
	set_str(params, "listen", o->listen);
	set_str(params, "pin", o->pin);
	set_str(params, "allow", o->allow);
	set_str(params, "codecs", o->codecs);
	set_str(params, "security", o->security);
	set_str(params, "presence", o->presence);
	set_str(params, "password_command", o->password_command);
	set_path(params, "password_file", o->password_file);
	set_path(params, "ca", o->ca);
	set_path(params, "client_cert", o->client_cert);
	if (o->direct || o->no_direct)
		json_object_set_new(params, "direct", json_boolean(o->direct));
	if (o->auto_answer || o->no_auto_answer)
		json_object_set_new(params, "auto_answer",
				    json_boolean(o->auto_answer));

	return CMD_OK;
}


/* One account that was added, changed or tested: failed is a failure */
static int show_verdict(struct cmd *cmd, json_t *a)
{
	if (!strcmp(obj_str(a, "state"), "failed"))
		return cmd_fail_reason(cmd, obj_str(a, "address"), a,
				       "it cannot register");

	return show_account(cmd, a);
}


static int account_send(struct cmd *cmd, const char *method, json_t *params,
			bool ask, const char *address)
{
	char password[256];

	if (!ask)
		return cmd_rpc(cmd, method, params, show_verdict);

	if (cmd->console) {
		console_ask_password(cmd->console, method, params);
		return CMD_OK;
	}

	if (ask_password(address, password, sizeof(password))) {
		json_decref(params);
		return cmd_fail(cmd, "no password was given: nothing changed");
	}
	if (*password)
		set_str(params, "password", password);
	secret_wipe(password, sizeof(password));

	return cmd_rpc(cmd, method, params, show_verdict);
}


static int account_add(struct cmd *cmd, int argc, char *argv[])
{
	struct account_opts o;
	json_t *params = json_object();
	bool ask;

	memset(&o, 0, sizeof(o));
	if (account_options(cmd, &argc, argv, &o, params) || argc != 2) {
		json_decref(params);
		return CMD_USAGE;
	}

	set_str(params, "address", argv[1]);
	ask = !o.direct && !o.password_file && !o.password_command;

	return account_send(cmd, "account.add", params, ask, argv[1]);
}


static int account_edit(struct cmd *cmd, int argc, char *argv[])
{
	struct account_opts o;
	json_t *params = json_object();
	bool ask;
	json_int_t id;

	memset(&o, 0, sizeof(o));
	if (account_options(cmd, &argc, argv, &o, params) || argc < 2 ||
	    argc > 3 || (argc == 3 && strcmp(argv[2], "password"))) {
		json_decref(params);
		return CMD_USAGE;
	}

	id = command_account(cmd, argv[1]);
	if (!id) {
		json_decref(params);
		return CMD_FAILED;
	}
	json_object_set_new(params, "account", json_integer(id));
	ask = argc == 3;

	return account_send(cmd, "account.edit", params, ask, argv[1]);
}


static int account_one(struct cmd *cmd, int argc, char *argv[],
		       const char *method, cmd_result_h *h)
{
	json_int_t id;

	if (cmd_options(cmd, &argc, argv, NULL) || argc != 2)
		return CMD_USAGE;

	id = command_account(cmd, argv[1]);
	if (!id)
		return CMD_FAILED;

	return cmd_rpc(cmd, method, json_pack("{s:I}", "account", id), h);
}


static int account_test(struct cmd *cmd, int argc, char *argv[])
{
	json_t *a = NULL;
	json_int_t id;
	int rc;

	if (cmd->console)
		return account_one(cmd, argc, argv, "account.test",
				   show_verdict);

	/* --json does not change the exit code */
	if (cmd_options(cmd, &argc, argv, NULL) || argc != 2)
		return CMD_USAGE;
	id = command_account(cmd, argv[1]);
	if (!id)
		return CMD_FAILED;
	if (client_call(cmd->client, "account.test",
			json_pack("{s:I}", "account", id), &a))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	if (cmd->json)
		(void)cmd_print_json(cmd, a);
	rc = cmd->json && strcmp(obj_str(a, "state"), "failed") ?
		CMD_OK : show_verdict(cmd, a);
	json_decref(a);

	return rc;
}


/* All that a person needs to decide whether to pin it */
static int show_cert(struct cmd *cmd, json_t *c)
{
	const char *reason = obj_str(c, "reason");
	char said[512];

	cmd_print(cmd, "for      %s\n", obj_str(c, "names"));
	cmd_print(cmd, "issuer   %s\n", obj_str(c, "issuer"));
	cmd_print(cmd, "valid    %s to %s\n", obj_str(c, "from"),
		  obj_str(c, "until"));
	cmd_print(cmd, "SHA-256  %s\n", obj_str(c, "sha256"));
	cmd_print(cmd, "%s%s%s\n",
		  *reason ? _("refused  ") : _("accepted"),
		  *reason ? i18n_phone(reason, said, sizeof(said)) :
		  obj_bool(c, "pinned") ? _(" because it is pinned") : "",
		  *reason ? "" : ".");
	if (*reason)
		cmd_print(cmd, "If this is your server, and its owner "
			  "confirms the SHA-256: offhook account edit "
			  "ACCOUNT --pin SHA256\n");

	return CMD_OK;
}


static int cmd_account(struct cmd *cmd, int argc, char *argv[])
{
	const char *what = argc > 1 ? argv[1] : "";
	json_int_t id;

	if (!strcmp(what, "new") && argc == 2 && cmd->console) {
		wizard_open(cmd->console, false);
		return CMD_OK;
	}
	if (!strcmp(what, "edit") && argc == 3 && cmd->console) {
		id = command_account(cmd, argv[2]);
		if (id)
			account_form_open(cmd->console, id);
		return id ? CMD_OK : CMD_FAILED;
	}

	/* argv[0] of the handlers below is the sub-command */
	if (!strcmp(what, "add"))
		return account_add(cmd, argc - 1, argv + 1);
	if (!strcmp(what, "edit"))
		return account_edit(cmd, argc - 1, argv + 1);
	if (!strcmp(what, "remove"))
		return account_one(cmd, argc - 1, argv + 1, "account.remove",
				   cmd_quiet);
	if (!strcmp(what, "test"))
		return account_test(cmd, argc - 1, argv + 1);
	if (!strcmp(what, "cert"))
		return account_one(cmd, argc - 1, argv + 1, "account.cert",
				   show_cert);

	return CMD_USAGE;
}


int command_account_rpc(struct cmd *cmd, int argc, char *argv[],
			const char *method, cmd_result_h *h)
{
	json_t *params = json_object();
	json_int_t id;

	if (cmd_options(cmd, &argc, argv, NULL) || argc > 2) {
		json_decref(params);
		return CMD_USAGE;
	}
	if (argc == 2) {
		id = command_account(cmd, argv[1]);
		if (!id) {
			json_decref(params);
			return CMD_FAILED;
		}
		json_object_set_new(params, "account", json_integer(id));
	}

	return cmd_rpc(cmd, method, params, h);
}


static int cmd_register(struct cmd *cmd, int argc, char *argv[])
{
	return command_account_rpc(cmd, argc, argv, "account.register",
				   cmd_quiet);
}


const struct command command_account_table[] = {
	{ "accounts", "", N_("list the accounts"), cmd_accounts, CMD_BOTH, 0,
	  COMPLETE_NONE },
	{ "account", "new|add ADDRESS|edit ACCOUNT [password]|"
	  "remove ACCOUNT|test ACCOUNT|cert ACCOUNT "
	  "[--server \"sip:HOST:PORT;transport=tls\"] [--user U] [--realm R] "
	  "[--password-file F|--password-command C] [--ca FILE] [--name N] "
	  "[--pin SHA256] [--client-cert FILE] [--allow ADDRESSES] "
	  "[--security off|prefer|require|e2e|verified] "
	  "[--presence auto|on|off] "
	  "[--direct] [--listen HOST:PORT] [--auto-answer]",
	  N_("add, edit, remove or test an account, or see its server's "
	  "certificate"), cmd_account, CMD_BOTH, 0,
	  COMPLETE_ACCOUNT },
	{ "register", "[ACCOUNT]", N_("register again now"), cmd_register,
	  CMD_BOTH, 0, COMPLETE_ACCOUNT },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
