/**
 * @file tables_phone.c  Prints the phone's own tables for the pages
 *
 * As tables_console.c; the two programs share no names, so they are two.
 */
#include <stdio.h>

#include "phone/config.h"
#include "phone/rpc/notify.h"
#include "phone/rpc/server.h"


int main(void)
{
	const struct config_setting *s;
	const struct rpc_namespace *ns;
	const struct rpc_method *m;
	const struct notify_row *ev;

	for (s = config_settings(); s->key; s++)
		(void)printf("setting\t%s\t%s\t%s\n", s->key, s->def, s->help);

	for (ns = rpc_namespaces; ns->methods; ns++) {
		for (m = ns->methods; m->name; m++)
			(void)printf("method\t%s\t%s\t%s\t%s\n", m->name,
				     m->params, m->result, m->help);
	}

	for (ev = notify_rows; ev->name; ev++)
		(void)printf("event\t%s\t%s\n", ev->name, ev->params);

	return 0;
}
