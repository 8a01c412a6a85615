/**
 * @file command_wait.h  What shell commands that wait share
 */
#ifndef OFFHOOK_COMMAND_WAIT_H
#define OFFHOOK_COMMAND_WAIT_H

#include <stdbool.h>

#include <jansson.h>

#include "console/command.h"

/** From now on ^C and SIGTERM interrupt the wait instead of the program */
void command_catch_interrupt(void);
bool command_interrupted(void);

/**
 * Id of the account with this number or address
 *
 * @return Id, 0 after an error was printed
 */
json_int_t command_account(struct cmd *cmd, const char *text);

/**
 * Ask the phone something of the account in argv[1], or of the one it takes
 * by itself
 *
 * @return Exit code, as cmd_rpc()
 */
int command_account_rpc(struct cmd *cmd, int argc, char *argv[],
			const char *method, cmd_result_h *h);

/** Keep an object by its id, for when that id becomes known */
void command_keep(json_t *seen, json_t *object);

/**
 * The newest state of an object: what was kept, else the answer itself
 *
 * @param answer  Is stolen
 *
 * @return Object, json_decref() it
 */
json_t *command_kept(const json_t *seen, json_int_t id, json_t *answer);

/** `status`, in command_status.c */
int cmd_status(struct cmd *cmd, int argc, char *argv[]);

#endif
