/**
 * @file model_test.c  What the phone says, and what the model makes of it
 */
#include "console/model.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/words.h"


static bool event(struct model *m, const char *method, const char *params)
{
	json_t *o = json_loads(params, 0, NULL);
	bool changed;

	assert_non_null(o);
	changed = model_event(m, method, o);
	json_decref(o);

	return changed;
}


static void calls(void **state)
{
	struct model *m = model_alloc();
	struct m_call *c;
	(void)state;

	assert_true(event(m, "call.changed", "{\"id\":1,\"state\":"
			  "\"ringing\",\"direction\":\"in\",\"peer\":{"
			  "\"uri\":\"sip:bob@x\",\"name\":\"Bob\","
			  "\"contact\":\"\"},\"label\":\"plain\"}"));
	c = model_call(m, 1);
	assert_non_null(c);
	assert_true(c->incoming);
	assert_string_equal(model_peer_name(&c->peer), "Bob");
	(void)snprintf(c->sent, sizeof(c->sent), "42");

	/* What was typed here outlives the next report */
	assert_true(event(m, "call.changed", "{\"id\":1,\"state\":"
			  "\"established\",\"figures\":{\"rtt_ms\":38.5,"
			  "\"loss\":0.2},\"levels\":{\"mic\":0.5}}"));
	c = model_call(m, 1);
	assert_string_equal(c->state, "established");
	assert_string_equal(c->sent, "42");
	assert_true(c->figures && c->rtt_ms > 38 && c->mic > 0.4);
	assert_true(event(m, "call.removed", "{\"id\":1}"));
	assert_null(model_call(m, 1));
	assert_true(event(m, "call.removed", "{\"id\":1}"));
	model_free(m);
}


static void contacts(void **state)
{
	struct model *m = model_alloc();
	json_t *list = json_array();
	struct m_contact *c;
	size_t i;
	(void)state;

	for (i = 0; i < 5000; i++)
		json_array_append_new(list, json_pack("{s:o,s:o,s:[s]}", "id",
			json_sprintf("c%zu", i), "name",
			json_sprintf("Name %04zu", (i * 7919) % 5000),
			"uris", "sip:x@y"));
	model_contacts(m, list);
	json_decref(list);
	assert_int_equal(m->contacts.n, 5000);
	for (i = 1; i < 5000; i++)
		assert_true(strcmp(model_contact_at(m, i - 1)->name,
				   model_contact_at(m, i)->name) < 0);

	/* A new name is a new place */
	assert_true(event(m, "contact.changed", "{\"id\":\"c5\",\"name\":"
			  "\"aaa\",\"uris\":[\"sip:a@b\",7,\"tel:+49\"]}"));
	c = model_contact_at(m, 0);
	assert_string_equal(c->name, "aaa");
	assert_int_equal(c->uric, 2);
	assert_int_equal(m->contacts.n, 5000);

	/* Unread are the messages of all conversations with it */
	assert_int_equal(model_contact_unread(m, c), 0);
	assert_true(event(m, "chat.changed", "{\"id\":1,\"unread\":2,"
			  "\"peer\":{\"uri\":\"sip:a@b\",\"contact\":"
			  "\"c5\"}}"));
	assert_true(event(m, "chat.changed", "{\"id\":2,\"unread\":1,"
			  "\"peer\":{\"uri\":\"sip:a@c\",\"contact\":"
			  "\"c5\"}}"));
	assert_true(event(m, "chat.changed", "{\"id\":3,\"unread\":9,"
			  "\"peer\":{\"uri\":\"sip:z@z\",\"contact\":"
			  "\"\"}}"));
	assert_int_equal(model_contact_unread(m, c), 3);
	assert_ptr_equal(model_contact(m, "c5"), c);
	assert_true(event(m, "contact.removed", "{\"id\":\"c5\"}"));
	assert_null(model_contact(m, "c5"));
	assert_int_equal(m->contacts.n, 4999);
	model_free(m);
}


static void log_pages(void **state)
{
	struct model *m = model_alloc();
	json_t *page;
	int id = 1000, i, n;
	(void)state;

	for (n = 0; n < 3; n++) {
		page = json_array();
		for (i = 0; i < (n < 2 ? 200 : 10); i++)
			json_array_append_new(page, json_pack("{s:i,s:s}",
				"id", id--, "result", "missed"));
		model_log(m, page, n == 0, 200);
		json_decref(page);
		assert_int_equal(m->log_all, n == 2);
	}
	assert_int_equal(m->log.n, 410);
	assert_true(event(m, "log.added", "{\"id\":1001,\"result\":"
			  "\"answered\",\"direction\":\"in\"}"));
	assert_int_equal(model_log_at(m, 0)->id, 1001);
	assert_true(event(m, "log.added", "{\"id\":1001,\"result\":\"x\"}"));
	assert_int_equal(m->log.n, 411);
	model_free(m);
}


static void messages(void **state)
{
	struct model *m = model_alloc();
	json_t *page;
	(void)state;

	model_open_conversation(m, 7);
	page = json_loads("[{\"id\":11,\"text\":\"a\"},{\"id\":12,"
			  "\"text\":\"b\"}]", 0, NULL);
	model_messages(m, 7, page, false, 2);
	model_messages(m, 8, page, false, 2);
	json_decref(page);
	assert_int_equal(m->messages.n, 2);
	assert_false(m->messages_all);

	page = json_loads("[{\"id\":9,\"text\":\"old\"}]", 0, NULL);
	model_messages(m, 7, page, true, 2);
	json_decref(page);
	assert_int_equal(m->messages.n, 3);
	assert_string_equal(model_message_at(m, 0)->text, "old");
	assert_true(m->messages_all);

	assert_true(event(m, "chat.message", "{\"id\":13,\"conversation\":7,"
			  "\"text\":\"c\",\"state\":\"queued\"}"));
	assert_true(event(m, "chat.message", "{\"id\":13,\"conversation\":7,"
			  "\"text\":\"c\",\"state\":\"sent\"}"));
	assert_int_equal(m->messages.n, 4);
	assert_string_equal(model_message_at(m, 3)->state, "sent");
	assert_false(event(m, "chat.message", "{\"id\":14,"
			   "\"conversation\":8}"));
	assert_int_equal(m->messages.n, 4);
	model_free(m);
}


static void conversations(void **state)
{
	struct model *m = model_alloc();
	(void)state;

	(void)event(m, "chat.changed", "{\"id\":1,\"peer\":{"
		    "\"uri\":\"sip:a@b\",\"contact\":\"bob\"},"
		    "\"last\":{\"time\":10}}");
	(void)event(m, "chat.changed", "{\"id\":2,\"peer\":{"
		    "\"uri\":\"sip:c@d\",\"contact\":\"bob\"},"
		    "\"last\":{\"time\":20}}");
	(void)event(m, "chat.changed", "{\"id\":3,\"peer\":{\"uri\":"
		    "\"sip:e@f\"}}");
	assert_int_equal(model_conversation_with(m, "bob", "sip:a@b")->id, 2);
	assert_int_equal(model_conversation_with(m, "", "sip:e@f")->id, 3);
	assert_null(model_conversation_with(m, "", "sip:z@z"));
	assert_null(model_conversation_with(m, "eve", "sip:a@b"));
	model_free(m);
}


/* Nothing that could move the cursor gets past this door */
static void hostile(void **state)
{
	struct model *m = model_alloc();
	const char *s;
	(void)state;

	(void)event(m, "call.changed", "{\"id\":1,\"state\":\"ringing\","
		    "\"peer\":{\"uri\":\"sip:\\u001b[2J@x\",\"name\":"
		    "\"\\u202egnp.exe\\u001b]0;x\\u0007\\n\\u009b31m\"}}");
	for (s = model_call(m, 1)->peer.name; *s; s++)
		assert_true((unsigned char)*s >= 32);
	assert_null(strstr(model_call(m, 1)->peer.name, "\xe2\x80\xae"));
	for (s = model_call(m, 1)->peer.uri; *s; s++)
		assert_true((unsigned char)*s >= 32);

	/* Objects that are none */
	(void)event(m, "call.changed", "{}");
	(void)event(m, "call.changed", "[]");
	(void)event(m, "call.changed", "{\"id\":\"x\",\"peer\":7}");
	(void)event(m, "contact.changed", "{\"id\":7,\"uris\":{}}");
	(void)event(m, "contact.removed", "{}");
	(void)event(m, "account.changed", "{\"id\":0}");
	(void)event(m, "log.added", "[1]");
	(void)event(m, "phone.counts", "{\"missed\":\"x\"}");
	assert_false(event(m, "no.such", "{}"));
	assert_int_equal(m->calls.n, 1);
	assert_int_equal(m->contacts.n, 0);
	model_reset(m);
	assert_int_equal(m->calls.n, 0);
	model_free(m);
}


static void words(void **state)
{
	char buf[32];
	(void)state;

	words_duration(buf, sizeof(buf), 7);
	assert_string_equal(buf, "0:07");
	words_duration(buf, sizeof(buf), 754);
	assert_string_equal(buf, "12:34");
	words_duration(buf, sizeof(buf), 3723);
	assert_string_equal(buf, "1:02:03");
	words_duration(buf, sizeof(buf), -5);
	assert_string_equal(buf, "0:00");

	/* An unknown label is never more than plain */
	assert_string_equal(words_label("plain"), "[PLAIN]");
	assert_string_equal(words_label("super-secure"), "[PLAIN]");
	assert_string_equal(words_label(""), "[PLAIN]");
	assert_string_equal(words_label("verified"), "[E2E ok]");
	assert_string_equal(words_label("hop"), "[SRTP hop]");
	assert_string_equal(words_chat_label("hop"), "[TLS hop]");

	words_address(buf, sizeof(buf), "sip:bob@example.org;transport=tcp");
	assert_string_equal(buf, "bob@example.org");
	words_address(buf, 5, "sips:bob@example.org");
	assert_string_equal(buf, "bob@");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),
		cmocka_unit_test(contacts),
		cmocka_unit_test(log_pages),
		cmocka_unit_test(messages),
		cmocka_unit_test(conversations),
		cmocka_unit_test(hostile),
		cmocka_unit_test(words),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");

	return cmocka_run_group_tests(tests, NULL, NULL);
}
