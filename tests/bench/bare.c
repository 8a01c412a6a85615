/**
 * @file bare.c  What the bare work of a call costs on this machine, now
 *
 * Usage: bare net SECONDS
 *        bare opus SPEECH COMPLEXITY
 *
 * net:  one thread that 50 times a second wakes, reads what came and sends a
 *       packet, to a partner who sends and waits as sipbench does. A phone
 *       cannot do with less.
 * opus: libopus encodes and decodes the speech (WAV, 48 kHz, mono), at 32
 *       kbit/s and the given complexity, and nothing else.
 *
 * Both print seconds of CPU a minute. A shared machine is not always equally
 * fast: what is measured beside this can be compared with it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <opus.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	PORT = 7900, PACKET = 172, TICKS = 50,
	FRAME = 960, FRAMES_MAX = 1500, HEADER = 44
};

static double seconds(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);

	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int udp(uint16_t own, uint16_t other, struct sockaddr_in *peer)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(own) };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*peer = sin;
	peer->sin_port = htons(other);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		die("bare: bind");
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));

	return fd;
}

/* The other end, on another core if there is one */
static void partner(void)
{
	double next = seconds(CLOCK_MONOTONIC);
	struct sockaddr_in to;
	const int fd = udp(PORT, PORT + 2, &to);
	char buf[2048] = {0};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		const double left = next - seconds(CLOCK_MONOTONIC);

		if (left <= 0) {
			(void)sendto(fd, buf, PACKET, 0,
				     (struct sockaddr *)&to, sizeof(to));
			next += 1.0 / TICKS;
		}
		else if (poll(&p, 1, (int)(left * 1e3 + 0.999)) > 0) {
			(void)recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		}
	}
}

static int net(double length)
{
	const struct itimerspec it = {
		{ 0, 1000000000 / TICKS }, { 0, 1000000000 / TICKS }
	};
	struct epoll_event want = { .events = EPOLLIN }, got;
	const int clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	const int ep = epoll_create1(EPOLL_CLOEXEC);
	struct sockaddr_in to;
	const pid_t pid = fork();
	char buf[2048] = {0};
	uint64_t n;
	double begin;
	int fd, i;

	if (!pid)
		partner();
	fd = udp(PORT + 2, PORT, &to);
	if (pid < 0 || clock < 0 || ep < 0 ||
	    timerfd_settime(clock, 0, &it, NULL) ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, clock, &want))
		die("bare");

	begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < (int)(length * TICKS); i++) {
		(void)epoll_wait(ep, &got, 1, -1);
		if (read(clock, &n, sizeof(n)) != sizeof(n))
			die("bare: clock");
		while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
		(void)sendto(fd, buf, PACKET, 0, (struct sockaddr *)&to,
			     sizeof(to));
	}
	printf("%.3f\n", (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin) * 60 /
	       length);
	(void)kill(pid, SIGKILL);

	return 0;
}

static int codec(const char *path, int complexity)
{
	static int16_t in[FRAMES_MAX * FRAME], out[6 * FRAME];
	static uint8_t packet[1500];
	OpusEncoder *enc = opus_encoder_create(48000, 1,
					       OPUS_APPLICATION_VOIP, NULL);
	OpusDecoder *dec = opus_decoder_create(48000, 1, NULL);
	FILE *f = fopen(path, "rb");
	double begin;
	int i, n;

	if (!f || !enc || !dec || fseek(f, HEADER, SEEK_SET))
		die(path);
	n = (int)(fread(in, sizeof(*in), FRAMES_MAX * FRAME, f) / FRAME);
	(void)fclose(f);
	(void)opus_encoder_ctl(enc, OPUS_SET_BITRATE(32000));
	(void)opus_encoder_ctl(enc, OPUS_SET_COMPLEXITY(complexity));
	(void)opus_encoder_ctl(enc, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));

	begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (i = 0; i < n; i++) {
		const int len = opus_encode(enc, in + i * FRAME, FRAME,
					    packet, sizeof(packet));

		if (len < 0 || opus_decode(dec, packet, len, out, 6 * FRAME,
					   0) < 0)
			die("bare: opus");
	}
	printf("%.3f\n", (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin) * 60 *
	       TICKS / (n ? n : 1));
	opus_encoder_destroy(enc);
	opus_decoder_destroy(dec);

	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3 && !strcmp(argv[1], "net"))
		return net(strtod(argv[2], NULL));
	if (argc == 4 && !strcmp(argv[1], "opus"))
		return codec(argv[2], (int)strtol(argv[3], NULL, 10));

	fprintf(stderr, "bare net SECONDS | opus SPEECH COMPLEXITY\n");

	return 2;
}
