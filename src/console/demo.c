/** placeholder */
#include "command.h"
const struct command command_demo_table[] = {
	{ NULL, NULL, NULL, NULL, 0, 0, COMPLETE_NONE }
};
