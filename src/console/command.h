/**
 * @file command.h  One table of commands for the shell, the `:` line and keys
 *
 * Each feature has its rows in its own command_*.c; command.c joins them.
 * A handler is written once: in the shell cmd_rpc() waits for the answer, in
 * the console it comes back at once and the result handler runs later.
 */
#ifndef OFFHOOK_COMMAND_H
#define OFFHOOK_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct client;
struct console;
struct command;

/** Exit codes of a command */
enum { CMD_OK = 0, CMD_FAILED = 1, CMD_USAGE = 2 };

/** Where a command works, and what it needs */
enum command_flag {
	CMD_SHELL   = 1 << 0,   /**< offhook NAME                        */
	CMD_LINE    = 1 << 1,   /**< :NAME and keys                      */
	CMD_BOTH    = CMD_SHELL | CMD_LINE,
	CMD_LOCAL   = 1 << 2,   /**< Needs no phone                      */
	CMD_NOSTART = 1 << 3,   /**< Does not start one                  */
	CMD_HIDDEN  = 1 << 4    /**< Not in lists: a step for keys       */
};

/** What completes an argument */
enum complete_kind {
	COMPLETE_NONE, COMPLETE_TARGET, COMPLETE_CONTACT, COMPLETE_ACCOUNT,
	COMPLETE_CONFIG, COMPLETE_SETTING, COMPLETE_THEME, COMPLETE_PANEL,
	COMPLETE_COMMAND
};

/** One run of a command */
struct cmd {
	const struct command *command;
	struct client *client;
	struct console *console;   /**< NULL in the shell                */
	const char *profile;       /**< As given, NULL: the user's own   */
	bool json;                 /**< Print results as JSON            */

	char *text;                /**< Console: printed so far          */
	size_t len;
	bool error;                /**< Console: the text is an error    */
};

typedef int (command_h)(struct cmd *cmd, int argc, char *argv[]);

/** What to do with a result; returns an exit code */
typedef int (cmd_result_h)(struct cmd *cmd, json_t *result);

/** A row of the table; the last has name NULL */
struct command {
	const char *name;
	const char *args;          /**< As in the usage line             */
	const char *help;          /**< One line                         */
	command_h *h;
	unsigned flags;
	int max;                   /**< `:` line: the last argument takes
					the rest as it stands; 0: split  */
	enum complete_kind complete;
};

/** An option of a command: --name or --name VALUE */
struct cmd_opt {
	const char *name;
	const char **value;        /**< Takes a value                    */
	bool *flag;                /**< Takes none                       */
};

/** All rows, one after the other, by index; NULL behind the last */
const struct command *command_at(size_t i);

/** The row with this name that works there; NULL if there is none */
const struct command *command_find(const char *name, unsigned where);

/**
 * Run a command given as words; argv[0] is its name
 *
 * @return CMD_OK, CMD_FAILED or CMD_USAGE
 */
int command_run(struct cmd *cmd, int argc, char *argv[]);

/**
 * Split a `:` line into words, quotes as in a shell; the words stay in buf
 *
 * @param buf   Copy of the line, is changed
 * @param argv  Words
 * @param max   Longest argv
 *
 * @return Number of words, -1: a quote is not closed or too many words
 */
int command_split(char *buf, char *argv[], int max);

/** Run a `:` line; what it prints is in cmd->text afterwards */
int command_run_line(struct cmd *cmd, const char *line);

/** Free what a run printed */
void cmd_clear(struct cmd *cmd);

/**
 * Take the options out of argv; what is left are the arguments
 *
 * @return CMD_OK, or CMD_USAGE after saying what is wrong
 */
int cmd_options(struct cmd *cmd, int *argc, char *argv[],
		const struct cmd_opt *opts);

/** Print: the shell's stdout, or the console's message line */
void cmd_print(struct cmd *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** Print an error; returns CMD_FAILED */
int cmd_fail(struct cmd *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Print the reason of an object that failed, and what to do about it
 *
 * @param who        Stands before it; "" if nobody does
 * @param o          Object with a member `reason`
 * @param otherwise  What to say if it has none
 *
 * @return CMD_FAILED
 */
int cmd_fail_reason(struct cmd *cmd, const char *who, const json_t *o,
		    const char *otherwise);

/** Print JSON on a line (or pretty on a terminal); returns CMD_OK */
int cmd_print_json(struct cmd *cmd, const json_t *json);

/**
 * Ask the phone
 *
 * With --json the result is printed and h is not called. params is stolen.
 *
 * @return Exit code; in the console CMD_OK as soon as it was sent
 */
int cmd_rpc(struct cmd *cmd, const char *method, json_t *params,
	    cmd_result_h *h);

/** Result handler that prints nothing */
int cmd_quiet(struct cmd *cmd, json_t *result);

/**
 * Integer of an argument
 *
 * @return 0, or EINVAL if it is none
 */
int cmd_integer(const char *text, json_int_t *np);

/** Which call is meant where none is named: the one the phone finds, or in
 *  the console the selected or the ringing one */
enum cmd_which { CMD_CALL_PHONE, CMD_CALL_SELECTED, CMD_CALL_RINGING };

/** Params with the optional call of argv[1]: {} or {call: N}; NULL after an
 *  error was printed */
json_t *cmd_call_params(struct cmd *cmd, int argc, char *argv[],
			enum cmd_which which);

/**
 * A whole command about one call: `NAME [CALL]`
 *
 * @return Exit code, as cmd_rpc()
 */
int cmd_call_rpc(struct cmd *cmd, int argc, char *argv[],
		 enum cmd_which which, const char *method, cmd_result_h *h);

/* Short ways into objects; strings are never NULL */
const char *obj_str(const json_t *o, const char *key);
json_int_t obj_int(const json_t *o, const char *key);
double obj_num(const json_t *o, const char *key);
bool obj_bool(const json_t *o, const char *key);

/** Name to show for a peer: its name, else its URI */
const char *obj_peer(const json_t *o);

/* The tables */
extern const struct command command_call_table[];
extern const struct command command_several_table[];
extern const struct command command_sas_table[];
extern const struct command command_chat_table[];
extern const struct command command_account_table[];
extern const struct command command_contact_table[];
extern const struct command command_phone_table[];
extern const struct command command_audio_table[];
extern const struct command command_console_table[];
extern const struct command command_move_table[];
extern const struct command command_said_table[];
extern const struct command command_trace_table[];
extern const struct command command_watch_table[];
extern const struct command command_presence_table[];
extern const struct command command_demo_table[];
extern const struct command command_complete_table[];

#endif
