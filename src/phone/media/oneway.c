/**
 * @file oneway.c  Why one side hears nothing
 *
 * The most telling fact first. What cannot be known is called likely.
 */
#include "oneway.h"


const char *oneway_cause(const struct oneway *ow)
{
	if (ow->refused)
		return "Nothing is heard for 3 s: the other side's machine "
			"refuses our sound, its call has probably ended";

	if (ow->strangers)
		return "Nothing is heard for 3 s: sound comes from an address "
			"that was not announced and is not let in";

	if (ow->ever && ow->reports)
		return "Nothing is heard for 3 s, yet the other side reports: "
			"it has stopped sending (muted or on hold)";

	if (ow->ever)
		return "Nothing is heard for 3 s: the network is probably "
			"interrupted";

	if (ow->reports)
		return "Nothing is heard, yet the other side reports: it does "
			"not send, or a firewall takes its sound";

	if (ow->peer_private && !ow->own_private)
		return "Nothing is heard: the other side named a private "
			"address, we cannot reach each other through its "
			"router";

	if (ow->own_private && !ow->peer_private)
		return "Nothing is heard: we named a private address; a "
			"router or firewall here probably blocks the sound";

	return "Nothing is heard: a router or firewall between the two sides "
		"probably blocks the sound";
}
