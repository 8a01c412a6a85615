/**
 * @file quality.c  Counts of a stream and its RTCP reports (RFC 3550)
 *
 * Pure but for random numbers. Reports are made here and not by libre's
 * RTCP session because they carry no time of day (the NTP field counts from
 * a random start, RFC 3550 4 allows it), go by the monotonic clock, and
 * count only packets that passed the source filter.
 */
#include <errno.h>
#include <string.h>

#include "common/re_compat.h"

#include "quality.h"

enum {
	SEQ_MOD = 1 << 16, DROPOUT = 3000, MISORDER = 100,
	FEW = 25,                /* Packets; a share of fewer says little */
	LONG_US = 3000000        /* ... but then this long is enough      */
};


void quality_init(struct quality *q)
{
	memset(q, 0, sizeof(*q));
	rand_str(q->cname, 17);
	q->clock_off = (uint64_t)rand_u32() * 1000;
}


void quality_rates(struct quality *q, uint32_t tx_rate, uint32_t rx_rate)
{
	q->tx_rate = tx_rate;
	if (q->rx_rate != rx_rate) {
		q->rx_rate = rx_rate;
		q->transit = 0;
		q->jitter = 0;
	}
}


void quality_tx(struct quality *q, uint32_t ts, size_t len, uint64_t now)
{
	++q->tx_packets;
	q->tx_octets += (uint32_t)len;
	q->tx_ts = ts;
	q->tx_at = now;
}


static uint32_t expected(const struct quality *q)
{
	return q->have ? q->cycles + q->max_seq - q->base_seq + 1 : 0;
}


static uint32_t lost(const struct quality *q)
{
	const uint32_t e = expected(q);

	return q->lost_before + (e > q->received ? e - q->received : 0);
}


static void source_start(struct quality *q, uint32_t ssrc, uint16_t seq)
{
	const uint32_t l = lost(q);

	q->have = true;
	q->ssrc = ssrc;
	q->lost_before = l;
	q->cycles = 0;
	q->max_seq = seq;
	q->base_seq = seq;
	q->received = 0;
	q->expected_prior = q->received_prior = 0;
	q->transit = 0;
	q->lsr = 0;
	memset(q->expectedv, 0, sizeof(q->expectedv));
	memset(q->receivedv, 0, sizeof(q->receivedv));
}


void quality_rx(struct quality *q, const struct rtp_header *hdr,
		uint64_t now)
{
	const uint16_t ahead = (uint16_t)(hdr->seq - q->max_seq);
	int64_t transit, d;

	++q->rx_packets;
	q->rx_at = now;

	if (!q->have || hdr->ssrc != q->ssrc ||
	    (ahead >= DROPOUT && ahead <= SEQ_MOD - MISORDER)) {
		source_start(q, hdr->ssrc, hdr->seq);
	}
	else if (ahead < DROPOUT) {
		if (hdr->seq < q->max_seq)
			q->cycles += SEQ_MOD;
		q->max_seq = hdr->seq;
	}
	++q->received;

	if (!q->rx_rate)
		return;

	/* RFC 3550 A.8 */
	transit = (int64_t)((int32_t)((uint32_t)(now * q->rx_rate / 1000000) -
				      hdr->ts));
	if (q->transit) {
		d = transit - q->transit;
		if (d < 0)
			d = -d;
		if (d < (int64_t)q->rx_rate * 5)
			q->jitter += ((float)d - q->jitter) / 16;
	}
	q->transit = transit;
}


/* 32.32 seconds of our own clock */
static uint64_t ntp_time(const struct quality *q, uint64_t now)
{
	const uint64_t us = now + q->clock_off;

	return (us / 1000000) << 32 | ((us % 1000000) << 32) / 1000000;
}


/*
 * By the counts since the report before, which is not the peer's last one
 * if that got lost. The fraction stands in where the counts make no sense.
 */
static void count_loss(struct quality *q, const struct rtcp_rr *rr,
		       uint64_t now)
{
	const uint32_t exp = rr->last_seq - q->rr_seq;
	const int32_t gone = rr->lost - q->rr_lost;
	const float told = (float)rr->fraction / 256;
	const bool first = !q->rr_at;
	float share = told;

	if (!first && exp < FEW && now < q->rr_at + LONG_US)
		return;

	if (!first && exp && exp < 100000 && gone >= 0 &&
	    (uint32_t)gone <= exp && (gone || told < 0.05f))
		share = (float)gone / (float)exp;

	q->rr_seq = rr->last_seq;
	q->rr_lost = rr->lost;
	q->rr_at = now;
	q->tx_loss = share * 100;
	q->feedback = true;
}


static void report_block(struct quality *q, const struct rtcp_rr *rr,
			 uint64_t now)
{
	const uint32_t a = (uint32_t)(ntp_time(q, now) >> 16);

	count_loss(q, rr, now);

	/* RFC 3550 6.4.1: A - LSR - DLSR, in 1/65536 s */
	if (rr->lsr) {
		const int32_t rtt = (int32_t)(a - rr->lsr - rr->dlsr);

		if (rtt >= 0 && rtt < 60 * 65536)
			q->rtt_ms = (float)rtt * 1000 / 65536;
		if (rtt <= 0)
			q->rtt_ms = 0.01f;
	}
}


void quality_rtcp(struct quality *q, const struct rtcp_msg *msg,
		  uint32_t our_ssrc, uint64_t now)
{
	const struct rtcp_rr *rrv = NULL;
	uint32_t i;

	q->rtcp_at = now;

	switch (msg->hdr.pt) {

	case RTCP_SR:
		if (q->have && msg->r.sr.ssrc == q->ssrc) {
			q->lsr = msg->r.sr.ntp_sec << 16 |
				msg->r.sr.ntp_frac >> 16;
			q->lsr_at = now;
		}
		rrv = msg->r.sr.rrv;
		break;

	case RTCP_RR:
		rrv = msg->r.rr.rrv;
		break;

	default:
		/* a BYE is not believed: SIP ends a call */
		return;
	}

	for (i = 0; rrv && i < msg->hdr.count; i++) {
		if (rrv[i].ssrc == our_ssrc)
			report_block(q, &rrv[i], now);
	}
}


void quality_xr(struct quality *q, const struct mbuf *compound,
		uint32_t our_ssrc)
{
	struct xr_voip v;

	if (xr_decode(&v, compound, our_ssrc))
		return;

	q->peer_mos = v.mos_cq > 0 ? v.mos_cq : v.mos_lq;
	q->peer_delay_ms = (float)v.end_ms;
}


static int write_block(struct quality *q, struct mbuf *mb, uint64_t now)
{
	const uint32_t exp = expected(q);
	const uint32_t de = exp - q->expected_prior;
	const uint32_t dr = q->received - q->received_prior;
	const uint32_t fraction = de > dr ? ((de - dr) << 8) / de : 0;
	int32_t all = (int32_t)(exp - q->received);
	uint64_t dlsr = 0;
	int err;

	q->expected_prior = exp;
	q->received_prior = q->received;

	if (all > 0x7fffff)
		all = 0x7fffff;
	if (all < -0x800000)
		all = -0x800000;
	if (q->lsr)
		dlsr = (now - q->lsr_at) * 65536 / 1000000;

	err  = mbuf_write_u32(mb, htonl(q->ssrc));
	err |= mbuf_write_u32(mb, htonl((fraction & 0xff) << 24 |
					((uint32_t)all & 0xffffff)));
	err |= mbuf_write_u32(mb, htonl(q->cycles + q->max_seq));
	err |= mbuf_write_u32(mb, htonl((uint32_t)q->jitter));
	err |= mbuf_write_u32(mb, htonl(q->lsr));
	err |= mbuf_write_u32(mb, htonl((uint32_t)dlsr));

	return err;
}


/* version, count, type and the length that is known beforehand */
static int write_header(struct mbuf *mb, uint8_t count, uint8_t type,
			uint16_t words)
{
	int err;

	err  = mbuf_write_u8(mb, (uint8_t)(RTCP_VERSION << 6 | count));
	err |= mbuf_write_u8(mb, type);
	err |= mbuf_write_u16(mb, htons(words));

	return err;
}


static int write_sender(struct quality *q, struct mbuf *mb, uint64_t now)
{
	const uint64_t ntp = ntp_time(q, now);
	const uint32_t ts = q->tx_ts +
		(uint32_t)((now - q->tx_at) * q->tx_rate / 1000000);
	int err;

	err  = mbuf_write_u32(mb, htonl((uint32_t)(ntp >> 32)));
	err |= mbuf_write_u32(mb, htonl((uint32_t)ntp));
	err |= mbuf_write_u32(mb, htonl(ts));
	err |= mbuf_write_u32(mb, htonl(q->tx_packets));
	err |= mbuf_write_u32(mb, htonl(q->tx_octets));

	return err;
}


int quality_report(struct quality *q, struct mbuf *mb, uint32_t our_ssrc,
		   struct xr_voip *xr, bool bye, uint64_t now)
{
	const bool sent = q->tx_packets != q->tx_prior;
	const uint8_t blocks = q->have ? 1 : 0;
	const size_t len = strlen(q->cname);
	const size_t pad = 4 - (2 + len) % 4;
	int err;

	err  = write_header(mb, blocks, sent ? RTCP_SR : RTCP_RR,
			    (uint16_t)(1 + (sent ? 5 : 0) + blocks * 6));
	err |= mbuf_write_u32(mb, htonl(our_ssrc));
	if (sent)
		err |= write_sender(q, mb, now);
	if (blocks)
		err |= write_block(q, mb, now);
	q->tx_prior = q->tx_packets;

	/* RFC 3550 6.5: CNAME, ended by at least one null octet */
	err |= write_header(mb, 1, RTCP_SDES,
			    (uint16_t)(1 + (2 + len + pad) / 4));
	err |= mbuf_write_u32(mb, htonl(our_ssrc));
	err |= mbuf_write_u8(mb, RTCP_SDES_CNAME);
	err |= mbuf_write_u8(mb, (uint8_t)len);
	err |= mbuf_write_mem(mb, (const uint8_t *)q->cname, len);
	err |= mbuf_fill(mb, 0, pad);

	if (xr && q->have) {
		xr->ssrc = q->ssrc;
		xr->rtt_ms = (uint32_t)q->rtt_ms;
		err |= xr_encode(mb, our_ssrc, xr);
	}

	if (bye) {
		err |= write_header(mb, 1, RTCP_BYE, 1);
		err |= mbuf_write_u32(mb, htonl(our_ssrc));
	}

	return err;
}


bool quality_trouble(const struct quality *q)
{
	const uint32_t de = expected(q) - q->expected_prior;
	const uint32_t dr = q->received - q->received_prior;

	return q->expectedv[0] && de > 20 && de < 100000 && de > dr &&
		(de - dr) * 20 > de;
}


void quality_second(struct quality *q, struct stream_figures *fig)
{
	const unsigned last = QUALITY_SECONDS;
	uint32_t de, dr;

	memmove(q->expectedv + 1, q->expectedv,
		last * sizeof(q->expectedv[0]));
	memmove(q->receivedv + 1, q->receivedv,
		last * sizeof(q->receivedv[0]));
	q->expectedv[0] = expected(q);
	q->receivedv[0] = q->received;

	de = q->expectedv[0] - q->expectedv[last];
	dr = q->receivedv[0] - q->receivedv[last];

	fig->tx_packets = q->tx_packets;
	fig->rx_packets = q->rx_packets;
	fig->lost = lost(q);
	fig->loss = de > dr && de < 100000 ?
		(float)(de - dr) * 100 / (float)de : 0;
	fig->tx_loss = q->tx_loss;
	fig->rtt_ms = q->rtt_ms;
	fig->peer_mos = q->peer_mos;
	fig->jitter_ms = q->rx_rate ?
		q->jitter * 1000 / (float)q->rx_rate : 0;
}
