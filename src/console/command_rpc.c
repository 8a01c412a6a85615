/**
 * @file command_rpc.c  A command's way to the phone
 *
 * The shell waits for the answer. The console must not: the run is copied,
 * the answer is shown when it comes.
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "console.h"

/** A run of the console that waits for its answer */
struct pending {
	struct cmd cmd;
	cmd_result_h *h;
};


static int result_show(struct cmd *cmd, json_t *result, cmd_result_h *h)
{
	if (cmd->json)
		return cmd_print_json(cmd, result);

	return h ? h(cmd, result) : CMD_OK;
}


static void pending_reply(int err, json_t *result, const char *text,
			  void *arg)
{
	struct pending *p = arg;

	if (err)
		(void)cmd_fail(&p->cmd, "%s", text);
	else
		(void)result_show(&p->cmd, result, p->h);

	console_show(p->cmd.console, &p->cmd);
	cmd_clear(&p->cmd);
	free(p);
}


static int send_later(struct cmd *cmd, const char *method, json_t *params,
		      cmd_result_h *h)
{
	struct pending *p = calloc(1, sizeof(*p));
	int err;

	if (!p) {
		json_decref(params);
		return cmd_fail(cmd, "out of memory");
	}

	p->cmd = *cmd;
	p->cmd.text = NULL;
	p->cmd.len = 0;
	p->h = h;

	err = client_request(cmd->client, method, params, pending_reply, p);
	if (err) {
		free(p);
		return cmd_fail(cmd, "the phone does not answer");
	}

	return CMD_OK;
}


int cmd_rpc(struct cmd *cmd, const char *method, json_t *params,
	    cmd_result_h *h)
{
	json_t *result = NULL;
	int rc;

	if (cmd->console)
		return send_later(cmd, method, params, h);

	if (client_call(cmd->client, method, params, &result))
		return cmd_fail(cmd, "%s", client_error(cmd->client));

	rc = result_show(cmd, result, h);
	json_decref(result);

	return rc;
}
