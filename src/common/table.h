/**
 * @file table.h  Names for enums, both ways
 *
 * An enum that crosses the wire, a file or the screen has one table of
 * names, ended by { NULL, 0 }.
 */
#ifndef OFFHOOK_TABLE_H
#define OFFHOOK_TABLE_H

struct table_name {
	const char *name;
	int value;
};

/** Name of a value, "?" if it has none */
const char *table_name(const struct table_name *table, int value);

/** Value of a name; 0 if success, ENOENT if there is no such name */
int table_value(const struct table_name *table, const char *name,
		int *valuep);

#endif
