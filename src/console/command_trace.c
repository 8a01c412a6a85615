/**
 * @file command_trace.c  `trace`: what was said by SIP, and to whom
 *
 * In the shell the messages and below them a ladder for each call, so that
 * the overview is what is left on the screen; in the console the ladder is
 * an overlay. A pcap file is written here and not by the phone, which may
 * run on another machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "command_wait.h"
#include "console.h"
#include "i18n.h"
#include "ladder.h"
#include "overlay.h"
#include "words.h"

enum { SHELL_WIDTH = 79 };

struct follow {
	struct cmd *cmd;
	json_t *range;          /* call or call_id, or empty              */
	int fd;                 /* pcap file, -1: none                    */
	json_int_t link, last;
	bool more;              /* something came for the file            */
	bool failed;
};


static size_t shell_width(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_col)
		return SHELL_WIDTH;

	return ws.ws_col > 1 ? ws.ws_col - 1u : 1;
}


/* ---- messages -----------------------------------------------------------*/
static void show_message(struct cmd *cmd, const json_t *m)
{
	bool out = !strcmp(obj_str(m, "direction"), "out");
	char when[40], call[32] = "";

	words_clock(when, sizeof(when), obj_num(m, "time"), 6);
	if (obj_int(m, "call"))
		(void)snprintf(call, sizeof(call), "  call %lld",
			       (long long)obj_int(m, "call"));

	if (!strcmp(obj_str(m, "kind"), "note"))
		cmd_print(cmd, "%s * %s%s\n\n", when, obj_str(m, "title"),
			  call);
	else
		cmd_print(cmd, "%s %s %s %s -> %s%s\n%s%s\n", when,
			  out ? "sent" : "got ", obj_str(m, "transport"),
			  obj_str(m, "src"), obj_str(m, "dst"), call,
			  obj_str(m, "text"), obj_bool(m, "cut") ?
			  "...\n" : "");
}


static int show_messages(struct cmd *cmd, json_t *list)
{
	json_t *m;
	size_t i;

	json_array_foreach(list, i, m)
		show_message(cmd, m);

	return CMD_OK;
}


/* ---- ladders ------------------------------------------------------------*/
static int show_ladder(struct cmd *cmd, json_t *ladder)
{
	size_t i, width = shell_width();
	char *line = ladder_head(ladder, width), when[40];
	json_t *first = json_array_get(json_object_get(ladder, "rows"), 0);

	words_clock(when, sizeof(when), obj_num(first, "time"), 6);
	if (obj_int(ladder, "call"))
		cmd_print(cmd, "call %lld, ",
			  (long long)obj_int(ladder, "call"));
	cmd_print(cmd, "%s, Call-ID %s\n%s\n", when,
		  obj_str(ladder, "call_id"), line ? line : "");
	free(line);

	for (i = 0; (line = ladder_row(ladder, i, width, NULL)); i++) {
		cmd_print(cmd, "%s\n", line);
		free(line);
	}
	cmd_print(cmd, "\n");

	return CMD_OK;
}


static int one_ladder(struct cmd *cmd, json_t *range)
{
	json_t *ladder = NULL;

	if (client_call(cmd->client, "trace.ladder", json_incref(range),
			&ladder))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	if (cmd->json)
		(void)cmd_print_json(cmd, ladder);
	else
		(void)show_ladder(cmd, ladder);
	json_decref(ladder);

	return CMD_OK;
}


static int all_ladders(struct cmd *cmd)
{
	json_t *calls = NULL, *range;
	size_t i;
	int rc = CMD_OK;

	if (client_call(cmd->client, "trace.calls", NULL, &calls))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	for (i = json_array_size(calls); i && !rc; i--) {
		range = json_pack("{s:s}", "call_id",
				  obj_str(json_array_get(calls, i - 1),
					  "call_id"));
		rc = one_ladder(cmd, range);
		json_decref(range);
	}
	json_decref(calls);

	return rc;
}


static int messages_and_ladders(struct cmd *cmd, json_t *range, bool ladder)
{
	json_t *list = NULL;

	if (!ladder) {
		if (client_call(cmd->client, "trace.list",
				json_incref(range), &list))
			return cmd_fail(cmd, "%s", client_error(cmd->client));
		if (cmd->json)
			(void)cmd_print_json(cmd, list);
		else
			(void)show_messages(cmd, list);
		json_decref(list);
		if (cmd->json)
			return CMD_OK;
	}

	return json_object_size(range) ? one_ladder(cmd, range) :
		all_ladders(cmd);
}


/* ---- pcap ---------------------------------------------------------------*/
static int digit64(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}


/* RFC 4648 4, in place; bytes */
static size_t decode64(char *s)
{
	unsigned long acc = 0;
	size_t n = 0;
	int bits = 0;
	char *p;

	for (p = s; digit64(*p) >= 0; p++) {
		acc = (acc << 6 | (unsigned long)digit64(*p)) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			s[n++] = (char)(acc >> bits & 0xff);
		}
	}

	return n;
}


static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}

	return 0;
}


/* Fetch what is new for the file and write it */
static int file_more(struct follow *f)
{
	json_t *params = json_copy(f->range), *result = NULL;
	char *data;
	int err;

	f->more = false;
	json_object_set_new(params, "after", json_integer(f->last));
	if (f->link)
		json_object_set_new(params, "link", json_integer(f->link));
	if (client_call(f->cmd->client, "trace.pcap", params, &result))
		return cmd_fail(f->cmd, "%s", client_error(f->cmd->client));

	f->link = obj_int(result, "link");
	f->last = obj_int(result, "last");
	data = strdup(obj_str(result, "data"));
	json_decref(result);
	err = data ? write_all(f->fd, data, decode64(data)) : ENOMEM;
	free(data);

	return err ? cmd_fail(f->cmd, "the file cannot be written: %s",
			      strerror(err)) : CMD_OK;
}


static int file_open(struct cmd *cmd, const char *path, int *fdp)
{
	if (!strcmp(path, "-")) {
		*fdp = dup(STDOUT_FILENO);
		return *fdp < 0 ? CMD_FAILED : CMD_OK;
	}

	*fdp = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (*fdp < 0)
		return cmd_fail(cmd, "%s: %s", path, strerror(errno));

	return CMD_OK;
}


/* ---- follow -------------------------------------------------------------*/
static bool is_meant(const json_t *range, const json_t *m)
{
	const char *callid = obj_str(range, "call_id");

	if (*callid)
		return !strcmp(callid, obj_str(m, "call_id"));
	if (obj_int(range, "call"))
		return obj_int(range, "call") == obj_int(m, "call");

	return true;
}


static void follow_event(const char *method, json_t *params, void *arg)
{
	struct follow *f = arg;

	if (strcmp(method, "trace.message") || !is_meant(f->range, params))
		return;

	f->more = true;
	if (f->fd >= 0)
		return;
	if (f->cmd->json)
		(void)cmd_print_json(f->cmd, params);
	else
		show_message(f->cmd, params);
	(void)fflush(stdout);
}


static int follow(struct follow *f)
{
	struct cmd *cmd = f->cmd;
	int rc = CMD_OK, err;

	command_catch_interrupt();
	client_set_event_handler(cmd->client, follow_event, f);
	if (client_call(cmd->client, "trace.follow",
			json_pack("{s:b}", "on", 1), NULL)) {
		rc = cmd_fail(cmd, "%s", client_error(cmd->client));
		goto out;
	}

	f->more = f->fd >= 0;
	while (!rc && !command_interrupted()) {
		if (f->fd >= 0 && f->more) {
			rc = file_more(f);
			continue;
		}
		err = client_wait(cmd->client, -1);
		if (err && err != EINTR)
			rc = cmd_fail(cmd, "the phone ended");
	}

 out:
	client_set_event_handler(cmd->client, NULL, NULL);

	return rc;
}


/* ---- the command --------------------------------------------------------*/
static json_t *range_of(const char *call, const char *entry)
{
	json_t *range = json_object();
	json_int_t id;

	if (call && !cmd_integer(call, &id))
		json_object_set_new(range, "call", json_integer(id));
	else if (call)
		json_object_set_new(range, "call_id", json_string(call));
	else if (entry && !cmd_integer(entry, &id))
		json_object_set_new(range, "entry", json_integer(id));

	return range;
}


static int trace_shell(struct cmd *cmd, json_t *range, const char *path,
		       bool following, bool ladder)
{
	struct follow f = { .cmd = cmd, .range = range, .fd = -1 };
	int rc = CMD_OK;

	if (path)
		rc = file_open(cmd, path, &f.fd);
	if (rc)
		return rc;

	if (following)
		rc = follow(&f);
	else if (path)
		rc = file_more(&f);
	else
		rc = messages_and_ladders(cmd, range, ladder);

	if (f.fd >= 0 && close(f.fd) && !rc)
		rc = cmd_fail(cmd, "%s: %s", path, strerror(errno));

	return rc;
}


/* What a key means that says nothing: the row of the log, or the call */
static void meant(const struct console *c, json_t *range)
{
	const struct m_log *log = list_log(c);
	int64_t id = console_call(c, true);

	if (json_object_size(range))
		return;

	if (c->focus == PANEL_LOG && log)
		json_object_set_new(range, "entry", json_integer(log->id));
	else if (id || c->call)
		json_object_set_new(range, "call",
				    json_integer(id ? id : c->call));
}


static int cmd_trace(struct cmd *cmd, int argc, char *argv[])
{
	const char *call = NULL, *entry = NULL, *path = NULL;
	bool following = false, ladder = false;
	const struct cmd_opt opts[] = {
		{ "call", &call, NULL }, { "entry", &entry, NULL },
		{ "pcap", &path, NULL }, { "follow", NULL, &following },
		{ "ladder", NULL, &ladder }, { NULL, NULL, NULL }
	};
	json_t *range;
	int rc;

	if (cmd_options(cmd, &argc, argv, opts) ||
	    argc > (cmd->console ? 2 : 1))
		return CMD_USAGE;
	if (argc == 2)
		call = argv[1];

	range = range_of(call, entry);
	if (!range)
		return cmd_fail(cmd, "trace: no such call");

	if (cmd->console) {
		if (path || following) {
			json_decref(range);
			return cmd_fail(cmd, "in the shell: offhook trace "
					"--pcap FILE, --follow");
		}
		meant(cmd->console, range);
		trace_open(cmd->console, range);
		return CMD_OK;
	}

	rc = trace_shell(cmd, range, path, following, ladder);
	json_decref(range);

	return rc;
}


const struct command command_trace_table[] = {
	{ "trace",
	  "[--call CALL] [--entry ROW] [--ladder] [--follow] [--pcap FILE]",
	  N_("what was said by SIP, secrets masked; a ladder for each call"),
	  cmd_trace, CMD_BOTH, 0, COMPLETE_NONE },
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
