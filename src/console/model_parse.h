/**
 * @file model_parse.h  JSON objects of the phone into objects of the model
 *
 * Each returns a new object or NULL (memory out, or it has no id); the
 * _free functions take NULL.
 */
#ifndef OFFHOOK_MODEL_PARSE_H
#define OFFHOOK_MODEL_PARSE_H

#include "model.h"

/** A line of text, cleaned; "" if it is missing, NULL: memory is out */
char *parse_line(const json_t *o, const char *key);

struct m_account *parse_account(const json_t *o);
struct m_call *parse_call(const json_t *o);
struct m_contact *parse_contact(const json_t *o);
struct m_log *parse_log(const json_t *o);
struct m_conversation *parse_conversation(const json_t *o);
struct m_message *parse_message(const json_t *o);

void free_account(void *p);
void free_call(void *p);
void free_contact(void *p);
void free_log(void *p);
void free_conversation(void *p);
void free_message(void *p);

#endif
