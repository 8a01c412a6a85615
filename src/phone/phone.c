/**
 * @file phone.c  Wires the rooms of the phone
 *
 * The order is the idea: settings, then accounts and their SIP stacks, so
 * that the phone answers within milliseconds. Database and contacts are
 * opened when they are first needed: by a call, a message or a console.
 * Plugins are loaded one by one, by who needs them or by warm.c before. A
 * phone that only waits costs no more than waiting.
 */
#include "phone.h"

#include <dirent.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "phone/account/account.h"
#include "phone/call/call.h"
#include "phone/chat/chat.h"
#include "phone/config.h"
#include "phone/contact/contact.h"
#include "phone/events.h"
#include "phone/media/check.h"
#include "phone/media/media.h"
#include "phone/module/loader.h"
#include "phone/netwatch.h"
#include "phone/store/db.h"
#include "phone/trace/trace.h"
#include "phone/warm.h"
#include "phone/watch/lamps.h"
#include "phone/watch/presence.h"

enum { WARM_MS = 100 };         /* after the start, when SIP is ready */

static struct tmr store_tmr, warm_tmr;


static void contact_handler(enum contact_change change,
			    const struct contact *contact, void *arg)
{
	(void)arg;

	if (!contact)
		event_publish(EVENT_CONTACT_RESET, NULL);
	else if (change == CONTACT_REMOVED)
		event_publish_text(EVENT_CONTACT_REMOVED,
				   contact_id(contact));
	else
		event_publish(EVENT_CONTACT, contact);
}


/* build/offhookd has its modules beside it; an installed one in LIBDIR */
static int module_folder(char *buf, size_t size, const struct config *config)
{
	const char *set = config_get(config, "modules.path");
	char exe[PATHS_MAX];
	char *slash;
	ssize_t n;

	if (*set)
		return paths_join(buf, size, set, "");

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		if (slash) {
			*slash = '\0';
			if (!paths_join(buf, size, exe, "modules") &&
			    !access(buf, R_OK))
				return 0;
		}
	}

	return paths_join(buf, size, OFFHOOK_LIBDIR, "modules");
}


void phone_apply_audio(struct phone *ph)
{
	const struct config *c = ph->config;
	const char *ports = config_get(c, "media.ports");
	const char *dash = strchr(ports, '-');
	struct media_config mc = {
		.address = config_get(c, "media.address"),
		.codecs = config_get(c, "codecs"),
		.source = config_get(c, "audio.source"),
		.sink = config_get(c, "audio.sink"),
		.ring = config_get(c, "audio.ring"),
		.tones = config_get(c, "tones"),
		.opus = config_get(c, "codecs.opus"),
		.volume = (int)config_u32(c, "audio.volume") - 100,
		.mic = (int)config_u32(c, "audio.mic") - 100,
		.echo = config_bool(c, "audio.echo"),
		.noise = config_bool(c, "audio.noise"),
		.gain = config_bool(c, "audio.gain"),
	};
	struct pl min = { ports, (size_t)(dash - ports) }, max;
	int err;

	pl_set_str(&max, dash + 1);
	mc.port_min = (uint16_t)pl_u32(&min);
	mc.port_max = (uint16_t)pl_u32(&max);

	err = media_configure(&mc);
	if (err)
		warning("media: settings: %m\n", err);
	else
		media_follow();
}


void phone_apply_trace(struct phone *ph)
{
	trace_open((size_t)config_u32(ph->config, "trace.size") * 1024);
}


void phone_apply_lamps(struct phone *ph)
{
	lamps_enable(ph->lamps, config_bool(ph->config, "contacts.lamps"));
}


int phone_set(struct phone *ph, const char *key, const char *value,
	      char *buf, size_t size)
{
	const char *why = NULL;
	int err;

	if (!ph || !key || !value || !buf || !size)
		return EINVAL;

	if (sound_setting(key)) {
		phone_plugins(ph);
		err = sound_setting_check(key, value, buf, size);
		if (err)
			return err;
	}

	err = config_set(ph->config, key, value, &why);
	if (err) {
		(void)re_snprintf(buf, size, "%s", why ? why :
				  "cannot be set");
		return err;
	}

	phone_apply_audio(ph);
	phone_apply_trace(ph);
	phone_apply_lamps(ph);
	event_publish_text(EVENT_CONFIG, key);

	return 0;
}


static bool in_call(const struct phone *ph)
{
	const struct list *calls = calls_list(ph->calls);
	struct le *le;

	for (le = list_head(calls); le; le = le->next) {
		switch (call_state(le->data)) {

		case CALL_ESTABLISHED:
		case CALL_HELD:
		case CALL_REMOTE_HELD:
			return true;
		default:
			break;
		}
	}

	return false;
}


static void apply_presence(struct phone *ph)
{
	const struct presence_conf pc = {
		.state = config_get(ph->config, "presence.state"),
		.note = config_get(ph->config, "presence.note"),
		.in_call = config_bool(ph->config, "presence.calls") &&
			in_call(ph),
		.dnd = config_bool(ph->config, "call.dnd"),
	};

	presence_configure(ph->presence, &pc);
}


static void event_handler(const struct event *ev, void *arg)
{
	if (ev->type == EVENT_CALL || ev->type == EVENT_CALL_REMOVED ||
	    ev->type == EVENT_CONFIG)
		apply_presence(arg);
}


static void load_modules(struct phone *ph)
{
	char path[PATHS_MAX];
	int err;

	err = module_folder(path, sizeof(path), ph->config);
	if (!err)
		err = modules_load(path);
	if (err)
		event_notice(LOGL_ERROR, "The plugins in %s cannot be "
			     "loaded: %m", path, err);
}


static void open_store(struct phone *ph)
{
	char path[PATHS_MAX];
	int err;

	err = paths_join(path, sizeof(path), ph->paths.data, "offhook.db");
	if (!err)
		err = db_open(&ph->db, path);
	if (err)
		event_notice(LOGL_ERROR,
			     "The call log and the messages cannot be "
			     "opened (%m): nothing will be kept", err);

	err = paths_join(path, sizeof(path), ph->paths.data, "contacts");
	if (!err)
		err = contacts_open(&ph->contacts, path, contact_handler,
				    ph);
	if (err)
		event_notice(LOGL_ERROR,
			     "The contacts cannot be opened: %m", err);

	calls_set_store(ph->calls, ph->db, ph->contacts);
	chat_set_store(ph->chat, ph->db);
	lamps_set_contacts(ph->lamps, ph->contacts);
	presence_set_contacts(ph->presence, ph->contacts);
}


static void prepare_store(void *arg)
{
	struct phone *ph = arg;

	tmr_cancel(&store_tmr);
	if (ph->store_open)
		return;

	ph->store_open = true;
	open_store(ph);
}


/* How calls with a contact are protected has to be known before the first */
static bool has_contacts(const struct phone *ph)
{
	char path[PATHS_MAX];
	struct dirent *ent;
	bool found = false;
	DIR *dir;

	if (paths_join(path, sizeof(path), ph->paths.data, "contacts"))
		return false;

	dir = opendir(path);
	while (dir && !found && (ent = readdir(dir)) != NULL)
		found = ent->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);

	return found;
}


void phone_plugins(struct phone *ph)
{
	tmr_cancel(&warm_tmr);
	if (ph->plugins_known)
		return;

	ph->plugins_known = true;
	load_modules(ph);
	phone_apply_audio(ph);
	warm_start(ph->config, false);
}


static void plugins_handler(void *arg)
{
	phone_plugins(arg);
}


/* A call waits for the plugins; what it leaves behind comes later */
static void prepare_call(void *arg)
{
	struct phone *ph = arg;

	phone_plugins(ph);

	if (ph->store_open)
		return;

	if (has_contacts(ph))
		prepare_store(ph);
	else
		tmr_start(&store_tmr, 0, prepare_store, ph);
}


void phone_prepare(struct phone *ph)
{
	prepare_call(ph);
	prepare_store(ph);
	warm_start(ph->config, true);
}


static void tone_trouble(const char *text)
{
	event_notice(LOGL_WARNING, "%s", text);
}


static void report_config(const struct config *c)
{
	size_t i;

	for (i = 0; i < config_error_count(c); i++)
		event_notice(LOGL_WARNING, "%s", config_error(c, i));
}


static void network_handler(void *arg)
{
	struct phone *ph = arg;

	accounts_follow(ph->accounts);
}


static void move_handler(struct account *acc, void *arg)
{
	struct phone *ph = arg;

	calls_address_changed(ph->calls, acc);
}


int phone_open(struct phone *ph)
{
	char path[PATHS_MAX];
	int err;

	ph->started = time(NULL);
	report_config(ph->config);
	phone_apply_trace(ph);

	err = paths_join(path, sizeof(path), ph->paths.config, "accounts");
	if (!err)
		err = accounts_open(&ph->accounts, path,
				    config_u32(ph->config, "sip.expires"));
	if (err)
		return err;

	accounts_set_move_handler(ph->accounts, move_handler, ph);
	err = netwatch_open(&ph->netwatch, network_handler, ph);
	if (err)
		warning("phone: changes of the network will not be seen: "
			"%m\n", err);

	err = calls_alloc(&ph->calls, ph->config, ph->accounts, NULL,
			  ph->paths.data, prepare_call, ph);
	if (!err)
		calls_set_store_handler(ph->calls, prepare_store);
	if (!err)
		err = chat_alloc(&ph->chat, ph->config, ph->accounts,
				 prepare_store, ph);
	if (!err)
		err = lamps_alloc(&ph->lamps, ph->accounts);
	if (!err)
		err = presence_alloc(&ph->presence, ph->accounts);
	if (!err)
		err = event_listen(&ph->listener, event_handler, ph);
	phone_apply_lamps(ph);
	apply_presence(ph);
	tone_listen(tone_trouble);
	tmr_start(&warm_tmr, WARM_MS, plugins_handler, ph);

	return err;
}


void phone_stop(struct phone *ph, void (*doneh)(void *arg), void *arg)
{
	ph->closing = true;
	event_publish(EVENT_CLOSING, NULL);
	calls_hangup_all(ph->calls);
	presence_stop(ph->presence);
	accounts_stop(ph->accounts, doneh, arg);
}


void phone_close(struct phone *ph)
{
	tmr_cancel(&store_tmr);
	tmr_cancel(&warm_tmr);
	warm_stop();
	ph->netwatch = mem_deref(ph->netwatch);
	tone_listen(NULL);
	tone_play(TONE_NONE);
	ph->listener = mem_deref(ph->listener);
	ph->presence = mem_deref(ph->presence);
	ph->lamps = mem_deref(ph->lamps);
	ph->chat = mem_deref(ph->chat);
	ph->calls = mem_deref(ph->calls);
	ph->accounts = mem_deref(ph->accounts);
	ph->contacts = mem_deref(ph->contacts);
	ph->db = mem_deref(ph->db);
	media_close();
	trace_close();
	modules_close();
	ph->config = mem_deref(ph->config);
}
