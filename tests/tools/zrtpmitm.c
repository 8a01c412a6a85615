/**
 * @file zrtpmitm.c  Somebody in the middle who does his own ZRTP
 *
 *   zrtpmitm ADDRESS PORT-A PORT-B
 *
 * Stands before phone a at PORT-A and before phone b at PORT-B, agrees on
 * keys with each by libbzrtp, and passes the sound on, decrypted and
 * encrypted again: what a relay can do that also rewrites the signalling.
 * Prints the hashes of its two Hellos ("hash a 1.10 ..."), then the words of
 * each side ("sas a w7hx") and, every 50 packets, how many it understood
 * ("heard 50"). For tests of phones on loopback only.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <re.h>
#include <bzrtp/bzrtp.h>

enum { PACKET = 2048, STEP_MS = 20, KEY = 64 };

struct side {
	const char *name;
	struct side *other;
	bzrtpContext_t *z;
	uint32_t ssrc;
	int fd;
	struct sockaddr_in peer;     /* where its packets come from       */
	struct srtp *tx, *rx;
	bool secure;
};

static struct side side_a = { .name = "a", .other = NULL };
static struct side side_b = { .name = "b", .other = NULL };
static unsigned heard;


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static int send_packet(void *arg, const uint8_t *p, uint16_t len)
{
	struct side *s = arg;

	if (s->peer.sin_port)
		(void)sendto(s->fd, p, len, 0, (struct sockaddr *)&s->peer,
			     sizeof(s->peer));

	return 0;
}


static void set_key(struct srtp **sp, const bzrtpSrtpSecrets_t *s,
		    const uint8_t *key, size_t key_len, const uint8_t *salt,
		    size_t salt_len)
{
	const bool big = s->cipherAlgo == ZRTP_CIPHER_AES3;
	const bool tag80 = s->authTagAlgo == ZRTP_AUTHTAG_HS80;
	uint8_t buf[KEY];

	memcpy(buf, key, key_len);
	memcpy(buf + key_len, salt, salt_len);
	*sp = mem_deref(*sp);
	if (srtp_alloc(sp, big ? (tag80 ? SRTP_AES_256_CM_HMAC_SHA1_80 :
				  SRTP_AES_256_CM_HMAC_SHA1_32) :
		       (tag80 ? SRTP_AES_CM_128_HMAC_SHA1_80 :
			SRTP_AES_CM_128_HMAC_SHA1_32), buf,
		       key_len + salt_len, 0))
		(void)fprintf(stderr, "zrtpmitm: key\n");
}


static int keys(void *arg, const bzrtpSrtpSecrets_t *s, uint8_t part)
{
	struct side *side = arg;

	if (part & ZRTP_SRTP_SECRETS_FOR_SENDER)
		set_key(&side->tx, s, s->selfSrtpKey, s->selfSrtpKeyLength,
			s->selfSrtpSalt, s->selfSrtpSaltLength);
	if (part & ZRTP_SRTP_SECRETS_FOR_RECEIVER)
		set_key(&side->rx, s, s->peerSrtpKey, s->peerSrtpKeyLength,
			s->peerSrtpSalt, s->peerSrtpSaltLength);

	return 0;
}


static int secure(void *arg, const bzrtpSrtpSecrets_t *s, int32_t verified)
{
	struct side *side = arg;
	(void)verified;

	if (!side->secure)
		(void)printf("sas %s %s\n", side->name, s->sas);
	side->secure = true;

	return 0;
}


static int side_open(struct side *s, struct side *other, const char *addr,
		     int port, uint32_t ssrc)
{
	const bzrtpCallbacks_t cb = {
		.bzrtp_sendData = send_packet,
		.bzrtp_srtpSecretsAvailable = keys,
		.bzrtp_startSrtpSession = secure,
	};
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons((uint16_t)port) };
	uint8_t hash[80];

	s->other = other;
	s->ssrc = ssrc;
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (s->fd < 0 || inet_pton(AF_INET, addr, &sin.sin_addr) != 1 ||
	    bind(s->fd, (struct sockaddr *)&sin, sizeof(sin)))
		return -1;

	s->z = bzrtp_createBzrtpContext();
	if (!s->z || bzrtp_setCallbacks(s->z, &cb) ||
	    bzrtp_initBzrtpContext(s->z, ssrc) ||
	    bzrtp_setClientData(s->z, ssrc, s) ||
	    bzrtp_getSelfHelloHash(s->z, ssrc, hash, sizeof(hash)) ||
	    bzrtp_startChannelEngine(s->z, ssrc))
		return -1;
	(void)printf("hash %s %s\n", s->name, (char *)hash);

	return 0;
}


/* Sound of one side, to the other */
static void pass_on(struct side *s, uint8_t *p, size_t len)
{
	struct side *to = s->other;
	struct mbuf *mb;

	if (!s->rx || !to->tx || !to->peer.sin_port)
		return;

	mb = mbuf_alloc(PACKET);
	if (!mb)
		return;
	(void)mbuf_write_mem(mb, p, len);
	mb->pos = 0;
	if (!srtp_decrypt(s->rx, mb)) {
		if (++heard % 50 == 0)
			(void)printf("heard %u\n", heard);
		mb->pos = 0;
		if (!srtp_encrypt(to->tx, mb)) {
			mb->pos = 0;
			(void)send_packet(to, mbuf_buf(mb),
					  (uint16_t)mbuf_get_left(mb));
		}
	}
	mem_deref(mb);
}


static void side_read(struct side *s)
{
	uint8_t buf[PACKET];
	struct sockaddr_in src;
	socklen_t len = sizeof(src);
	ssize_t n;

	while ((n = recvfrom(s->fd, buf, sizeof(buf), 0,
			     (struct sockaddr *)&src, &len)) > 0) {
		s->peer = src;
		if (n >= 28 && buf[0] >> 4 == 1)
			(void)bzrtp_processMessage(s->z, s->ssrc, buf,
						   (uint16_t)n);
		else if (n >= 12 && buf[0] >> 6 == 2)
			pass_on(s, buf, (size_t)n);
	}
}


static int port_of(const char *text)
{
	const long n = strtol(text, NULL, 10);

	return n > 0 && n < 65536 ? (int)n : -1;
}


int main(int argc, char *argv[])
{
	struct pollfd fds[3];

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 4 || libre_init() ||
	    side_open(&side_a, &side_b, argv[1], port_of(argv[2]), 0xa) ||
	    side_open(&side_b, &side_a, argv[1], port_of(argv[3]), 0xb)) {
		(void)fprintf(stderr, "zrtpmitm ADDRESS PORT-A PORT-B\n");
		return 2;
	}

	fds[0].fd = side_a.fd;
	fds[1].fd = side_b.fd;
	fds[2].fd = STDIN_FILENO;    /* its end is ours */
	fds[0].events = fds[1].events = fds[2].events = POLLIN;
	for (;;) {
		(void)poll(fds, 3, STEP_MS);
		if (fds[2].revents)
			return 0;
		side_read(&side_a);
		side_read(&side_b);
		(void)bzrtp_iterate(side_a.z, side_a.ssrc, now_ms());
		(void)bzrtp_iterate(side_b.z, side_b.ssrc, now_ms());
	}
}
