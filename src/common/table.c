/**
 * @file table.c  Names for enums, both ways
 *
 * Tables are a handful of rows: a linear walk is the right search.
 */
#include "table.h"

#include <errno.h>
#include <string.h>


const char *table_name(const struct table_name *table, int value)
{
	for (; table && table->name; table++) {
		if (table->value == value)
			return table->name;
	}

	return "?";
}


int table_value(const struct table_name *table, const char *name, int *valuep)
{
	if (!name || !valuep)
		return EINVAL;

	for (; table && table->name; table++) {
		if (!strcmp(table->name, name)) {
			*valuep = table->value;
			return 0;
		}
	}

	return ENOENT;
}
