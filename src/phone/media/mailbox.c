/**
 * @file mailbox.c  Messages from one loop to the other
 *
 * An eventfd wakes the loop that listens, a list behind a mutex holds the
 * messages. The mutex is held for two pointers, never for work. libre's
 * mqueue can only be made on the loop that reads it, so the main loop would
 * have to wait until the media thread has started; a mailbox is there
 * before its reader, and what nobody read is freed with it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/re_compat.h"

#include "mailbox.h"

struct mailbox {
	pthread_mutex_t mutex;
	struct list mails;       /**< Unread, oldest first            */
	int fd;                  /**< eventfd, readable: mail is there */
	bool listening;
};

struct mail {
	struct le le;
	mailbox_h *h;
	void *data;
};


static void mail_destructor(void *arg)
{
	struct mail *mail = arg;

	list_unlink(&mail->le);
	mem_deref(mail->data);
}


static void mailbox_destructor(void *arg)
{
	struct mailbox *mb = arg;

	mailbox_ignore(mb);
	list_flush(&mb->mails);
	if (mb->fd >= 0)
		(void)close(mb->fd);
	(void)pthread_mutex_destroy(&mb->mutex);
}


int mailbox_alloc(struct mailbox **mbp)
{
	struct mailbox *mb;
	int err = 0;

	if (!mbp)
		return EINVAL;

	mb = mem_zalloc(sizeof(*mb), mailbox_destructor);
	if (!mb)
		return ENOMEM;

	(void)pthread_mutex_init(&mb->mutex, NULL);
	mb->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (mb->fd < 0)
		err = errno;

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


static struct mail *mail_next(struct mailbox *mb)
{
	struct mail *mail;

	(void)pthread_mutex_lock(&mb->mutex);
	mail = list_ledata(list_head(&mb->mails));
	if (mail)
		list_unlink(&mail->le);
	(void)pthread_mutex_unlock(&mb->mutex);

	return mail;
}


static void read_handler(int flags, void *arg)
{
	struct mailbox *mb = arg;
	struct mail *mail;
	uint64_t n;
	(void)flags;

	if (read(mb->fd, &n, sizeof(n)) < 0)
		return;

	/* a handler may end the loop and with it the box */
	mem_ref(mb);
	while (mb->listening && (mail = mail_next(mb)) != NULL) {
		mail->h(mail->data);
		mem_deref(mail);
	}
	mem_deref(mb);
}


int mailbox_listen(struct mailbox *mb)
{
	int err;

	if (!mb)
		return EINVAL;

	err = fd_listen(mb->fd, FD_READ, read_handler, mb);
	if (!err)
		mb->listening = true;

	return err;
}


void mailbox_ignore(struct mailbox *mb)
{
	if (!mb || !mb->listening)
		return;

	fd_close(mb->fd);
	mb->listening = false;
}


int mailbox_post(struct mailbox *mb, mailbox_h *h, void *data)
{
	const uint64_t one = 1;
	struct mail *mail;

	mail = mb && h ? mem_zalloc(sizeof(*mail), mail_destructor) : NULL;
	if (!mail) {
		mem_deref(data);
		return mb && h ? ENOMEM : EINVAL;
	}

	mail->h = h;
	mail->data = data;

	(void)pthread_mutex_lock(&mb->mutex);
	list_append(&mb->mails, &mail->le, mail);
	(void)pthread_mutex_unlock(&mb->mutex);

	/* cannot fail but for a counter at its end, which is awake anyway */
	if (write(mb->fd, &one, sizeof(one)) < 0)
		return errno == EAGAIN ? 0 : errno;

	return 0;
}
