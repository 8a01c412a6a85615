/**
 * @file sipbench.c  A caller with a stopwatch
 *
 * Usage: sipbench ready ADDR PORT -- program args...
 *        sipbench setup ADDR PORT USER CALLS
 *        sipbench first ADDR PORT USER CALLS
 *        sipbench call  ADDR PORT USER SECONDS pcmu|opus
 *
 * ready: starts the program and asks OPTIONS every millisecond from exec on;
 *        prints the milliseconds to the first answer, and kills it.
 * setup: calls one after another; prints INVITE->200 of each in ms.
 * first: the same, from the 200 to the first RTP, by the kernel's clock.
 * call:  one call with RTP; prints `answered` when it is up and, at the end,
 *        the gaps between the packets that came, by the kernel's clock.
 *
 * Opus needs no encoder here: the caller sends back the payloads that it
 * gets, under its own numbers. Loopback only; no stack, so that what is
 * measured is the other side.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OWN "127.0.0.50"

enum { SIP_PORT = 5060, RTP_PORT = 7000, GAPS_MAX = 100000 };

static int sip = -1;
static struct sockaddr_in peer;
static char answer[65536];
static double answer_at;         /* ms, by the kernel's clock */
static unsigned serial;

static double now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "sipbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int udp(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	(void)inet_pton(AF_INET, OWN, &sin.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		die("bind");
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));

	return fd;
}

static void request(const char *method, const char *uri, const char *callid,
		    int cseq, const char *to, const char *body)
{
	char msg[4096];
	int n;

	n = snprintf(msg, sizeof(msg),
		     "%s %s SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP " OWN ":%d;branch=z9hG4bK%u;rport\r\n"
		     "Max-Forwards: 70\r\n"
		     "From: <sip:bench@" OWN ">;tag=%s\r\n"
		     "To: %s\r\n"
		     "Call-ID: %s\r\n"
		     "CSeq: %d %s\r\n"
		     "Contact: <sip:bench@" OWN ":%d>\r\n"
		     "%sContent-Length: %zu\r\n\r\n%s",
		     method, uri, SIP_PORT, ++serial, callid, to, callid,
		     cseq, method, SIP_PORT,
		     *body ? "Content-Type: application/sdp\r\n" : "",
		     strlen(body), body);
	(void)sendto(sip, msg, (size_t)n, 0, (struct sockaddr *)&peer,
		     sizeof(peer));
}

/** What came: its time by the kernel, <0 if nothing did */
static double receive(int fd, void *buf, size_t size, size_t *lenp)
{
	union { char b[256]; struct cmsghdr align; } ctl;
	struct iovec iov = { buf, size };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1,
			     .msg_control = ctl.b,
			     .msg_controllen = sizeof(ctl.b) };
	ssize_t n = recvmsg(fd, &mh, MSG_DONTWAIT);
	struct cmsghdr *c;
	struct timespec ts;

	if (n <= 0)
		return -1;
	*lenp = (size_t)n;
	for (c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
		}
	}

	return -1;
}

/** The same for RTP */
static double packet(int fd, uint8_t *buf, size_t size, size_t *lenp)
{
	const double t = receive(fd, buf, size, lenp);

	return t < 0 || *lenp < 12 || (buf[1] >= 192 && buf[1] <= 223) ? -1 :
		t;
}

/** Wait for an answer to this call; the code, or 0 */
static int reply(const char *callid, int timeout_ms)
{
	double end = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd p = { sip, POLLIN, 0 };
		int left = (int)(end - now_ms());
		size_t n;

		if (left < 0 || poll(&p, 1, left) <= 0)
			return 0;
		answer_at = receive(sip, answer, sizeof(answer) - 1, &n);
		if (answer_at < 0)
			continue;
		answer[n] = '\0';
		if (!strncmp(answer, "SIP/2.0 ", 8) && strstr(answer, callid))
			return (int)strtol(answer + 8, NULL, 10);
	}
}

static void field(char *buf, size_t size, const char *name)
{
	const char *p = strcasestr(answer, name), *e;

	*buf = '\0';
	if (!p)
		return;
	p += strlen(name);
	e = strstr(p, "\r\n");
	if (e && (size_t)(e - p) < size) {
		memcpy(buf, p, (size_t)(e - p));
		buf[e - p] = '\0';
	}
}

struct call {
	char id[64], to[512], contact[512];
	struct sockaddr_in media;
	unsigned pt;
};

/** INVITE until 200, then ACK; milliseconds to the 200, or -1 */
static double dial(struct call *c, const char *uri, bool opus)
{
	char sdp[512], to[256], raw[512], *p;
	double begin, took;
	int code;

	(void)snprintf(c->id, sizeof(c->id), "bench-%d-%u", getpid(),
		       serial);
	(void)snprintf(to, sizeof(to), "<%s>", uri);
	(void)snprintf(sdp, sizeof(sdp),
		       "v=0\r\no=- 1 1 IN IP4 " OWN "\r\ns=-\r\n"
		       "c=IN IP4 " OWN "\r\nt=0 0\r\n"
		       "m=audio %d RTP/AVP %s\r\na=rtpmap:%s\r\n", RTP_PORT,
		       opus ? "96" : "0",
		       opus ? "96 opus/48000/2" : "0 PCMU/8000");
	begin = now_ms();
	request("INVITE", uri, c->id, 1, to, sdp);
	do {
		code = reply(c->id, 5000);
	} while (code > 0 && code < 200);
	took = now_ms() - begin;
	if (code != 200) {
		fprintf(stderr, "sipbench: INVITE: %d\n", code);
		return -1;
	}

	field(c->to, sizeof(c->to), "\nTo: ");
	field(raw, sizeof(raw), "\nContact: ");
	p = strchr(raw, '<');
	(void)snprintf(c->contact, sizeof(c->contact), "%s", p ? p + 1 : uri);
	c->contact[strcspn(c->contact, ">")] = '\0';
	c->media = peer;
	field(raw, sizeof(raw), "c=IN IP4 ");
	(void)inet_pton(AF_INET, raw, &c->media.sin_addr);
	p = strstr(answer, "m=audio ");
	c->media.sin_port = htons(p ? (uint16_t)strtol(p + 8, NULL, 10) : 0);
	c->pt = opus ? 96 : 0;
	request("ACK", c->contact, c->id, 1, c->to, "");

	return took;
}

static void hangup(const struct call *c)
{
	request("BYE", c->contact, c->id, 2, c->to, "");
	(void)reply(c->id, 2000);
}

static int ready(char *argv[])
{
	double begin, at;
	pid_t pid;
	int i;

	begin = now_ms();
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	for (i = 0;; i++) {
		char id[32], uri[64];

		at = now_ms() - begin;
		if (at > 10000)
			break;
		(void)snprintf(id, sizeof(id), "ready-%d-%d", pid, i);
		(void)snprintf(uri, sizeof(uri), "sip:%s:%d",
			       inet_ntoa(peer.sin_addr),
			       ntohs(peer.sin_port));
		request("OPTIONS", uri, id, 1, "<sip:x@" OWN ">", "");
		if (reply("ready-", 1))
			break;
	}
	at = now_ms() - begin;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	printf("%.2f\n", at);

	return at > 10000;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/** ms from the 200 to the first RTP, or -1 */
static double first_packet(int rtp, const char *uri)
{
	struct pollfd p = { rtp, POLLIN, 0 };
	uint8_t buf[2048];
	struct call c;
	double t = -1, at;
	size_t n;

	if (dial(&c, uri, false) < 0)
		return -1;
	at = answer_at;
	while (t < 0 && poll(&p, 1, 2000) > 0)
		t = packet(rtp, buf, sizeof(buf), &n);
	hangup(&c);

	/* what is still under way is not the next call's */
	while (poll(&p, 1, 150) > 0)
		(void)recv(rtp, buf, sizeof(buf), MSG_DONTWAIT);

	return t < 0 ? -1 : t - at;
}

static int talk(const char *uri, double seconds, bool opus)
{
	static double gap[GAPS_MAX];
	/* Opus: 20 ms of silence until something came to send back */
	uint8_t out[2048] = {0}, in[2048], last[2048] = { 0xf8, 0xff, 0xfe };
	size_t lastn = opus ? 3 : 160, n = 0, gaps = 0;
	double begin, next, prev = 0, t;
	uint16_t seq = 0;
	uint32_t step = opus ? 960 : 160, ts = 0;
	struct call c;
	int rtp = udp(RTP_PORT);
	unsigned i;

	if (!opus) {
		/* mu-law: a quiet triangle, so that there is work to do */
		for (i = 0; i < 160; i++)
			last[i] = (uint8_t)(0xa0 + (i & 31));
	}
	if (dial(&c, uri, opus) < 0)
		return 1;
	printf("answered\n");
	(void)fflush(stdout);

	begin = next = now_ms();
	while (now_ms() - begin < seconds * 1e3) {
		struct pollfd p = { rtp, POLLIN, 0 };
		double left = next - now_ms();
		uint32_t v;

		if (left <= 0) {
			out[0] = 0x80;
			out[1] = (uint8_t)c.pt;
			out[2] = (uint8_t)(seq >> 8);
			out[3] = (uint8_t)seq;
			v = htonl(ts);
			memcpy(out + 4, &v, 4);
			v = htonl(0xbe7c4);
			memcpy(out + 8, &v, 4);
			memcpy(out + 12, last, lastn);
			(void)sendto(rtp, out, 12 + lastn, 0,
				     (struct sockaddr *)&c.media,
				     sizeof(c.media));
			++seq;
			ts += step;
			next += 20;
			continue;
		}
		if (poll(&p, 1, (int)(left + 0.999)) <= 0)
			continue;
		t = packet(rtp, in, sizeof(in), &n);
		if (t < 0)
			continue;
		if (prev > 0 && gaps < GAPS_MAX)
			gap[gaps++] = t - prev;
		prev = t;
		if (opus && n > 12) {
			lastn = n - 12;
			memcpy(last, in + 12, lastn);
		}
	}
	hangup(&c);

	if (gaps < 10) {
		fprintf(stderr, "sipbench: only %zu packets came\n", gaps);
		return 1;
	}
	qsort(gap, gaps, sizeof(gap[0]), order);
	t = 0;
	for (i = 0; i < gaps; i++)
		t += gap[i] > 20 ? gap[i] - 20 : 20 - gap[i];
	printf("packets %zu p50 %.2f p99 %.2f max %.2f error %.2f\n", gaps + 1,
	       gap[gaps / 2], gap[gaps * 99 / 100], gap[gaps - 1], t / gaps);

	return 0;
}

int main(int argc, char *argv[])
{
	char uri[256];
	long i;

	if (argc < 5)
		return 2;
	peer.sin_family = AF_INET;
	peer.sin_port = htons((uint16_t)strtol(argv[3], NULL, 10));
	if (inet_pton(AF_INET, argv[2], &peer.sin_addr) != 1)
		return 2;
	sip = udp(SIP_PORT);
	if (!strcmp(argv[1], "ready"))
		return ready(argv + 5);

	(void)snprintf(uri, sizeof(uri), "sip:%s@%s:%s", argv[4], argv[2],
		       argv[3]);
	if (!strcmp(argv[1], "setup") && argc > 5) {
		for (i = strtol(argv[5], NULL, 10); i > 0; i--) {
			struct timespec rest = { 0, 100 * 1000 * 1000 };
			struct call c;
			double ms = dial(&c, uri, false);

			if (ms < 0)
				return 1;
			printf("%.3f\n", ms);
			hangup(&c);
			(void)nanosleep(&rest, NULL);
		}
		return 0;
	}
	if (!strcmp(argv[1], "first") && argc > 5) {
		int rtp = udp(RTP_PORT);

		for (i = strtol(argv[5], NULL, 10); i > 0; i--)
			printf("%.3f\n", first_packet(rtp, uri));
		return 0;
	}
	if (!strcmp(argv[1], "call") && argc > 6)
		return talk(uri, strtod(argv[5], NULL),
			    !strcmp(argv[6], "opus"));

	return 2;
}
