/**
 * @file demo_partner.c  What the demo's test partner says of its words
 *
 * A person would read them aloud. The partner cannot speak, so it writes
 * them, and takes them for compared: then the user's own yes is enough to
 * see the next call come up verified.
 */
#include "demo.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "command.h"

static struct {
	struct client *client;
	json_int_t told;        /* call whose words were said      */
} partner;


static void on_event(const char *method, json_t *params, void *arg)
{
	const char *sas = obj_str(params, "sas");
	const char *uri = obj_str(json_object_get(params, "peer"), "uri");
	json_int_t id = obj_int(params, "id");
	char text[256];
	(void)arg;

	if (strcmp(method, "call.changed") || !*sas || partner.told == id)
		return;

	partner.told = id;
	(void)snprintf(text, sizeof(text), "My words: %s (%s). Press v and "
		       "see whether yours are the same.",
		       obj_str(params, "sas_words"), sas);
	if (!obj_bool(params, "verified"))
		(void)client_request(partner.client, "chat.send",
				     json_pack("{s:s, s:s}", "target", uri,
					       "text", text), NULL, NULL);
	(void)client_request(partner.client, "call.sas",
			     json_pack("{s:I, s:b}", "call", id, "same", 1),
			     NULL, NULL);
}


void demo_partner_watch(struct client *client)
{
	partner.client = client;
	partner.told = 0;
	client_set_event_handler(client, on_event, NULL);
	(void)client_call(client, "phone.subscribe",
			  json_pack("{s:b}", "on", 1), NULL);
}


bool demo_partner_words(struct client *client, char *buf, size_t size)
{
	json_t *list = NULL, *call;
	size_t i;

	buf[0] = '\0';
	if (client_call(client, "call.list", NULL, &list))
		return false;

	json_array_foreach(list, i, call) {
		if (strcmp(obj_str(call, "state"), "ended"))
			(void)snprintf(buf, size, "%s",
				       obj_str(call, "sas"));
	}
	json_decref(list);

	return buf[0] != '\0';
}
