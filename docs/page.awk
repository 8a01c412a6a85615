# page.awk: a manual page from its source and the programs' own tables
#
# awk -f page.awk TABLES PAGE. In an mdoc page the lines
#	.\" keys PANEL		become the keys of that panel
#	.\" settings TABLE	up to .\" end become that table's settings,
#				with the words between if the page has some
#				of its own for one, else with its help
# A page in Markdown (the wire) becomes mdoc: a heading a section, a bold
# word at the beginning of a paragraph a subsection, and its two tables the
# methods and events of TABLES. With -v markdown=1 it stays Markdown, and
# only the two tables are made anew.

function fail(text)
{
	print FILENAME ":" FNR ": " text > "/dev/stderr"
	failed = 1
	exit 1
}

# Text of a table as a line of mdoc
function plain(s)
{
	gsub(/\\/, "\\e", s)
	gsub(/`/, "", s)
	gsub(/  +/, " ", s)
	if (s ~ /^[.']/)
		s = "\\&" s
	return s
}

# One argument of a macro
function word(s)
{
	gsub(/\\/, "\\e", s)
	gsub(/"/, "\\(dq", s)
	return "\"\\&" s "\""
}

# A sentence: "ports of RTP, MIN-MAX" -> "Ports of RTP, MIN-MAX."
function sentence(s)
{
	if (s ~ /^[a-z]+( |,|:)/)
		s = toupper(substr(s, 1, 1)) substr(s, 2)
	if (s !~ /[.?!]$/)
		s = s "."
	return s
}

function key_list(keys,    k, n, i, out, digits)
{
	n = split(keys, k, " ")
	digits = keys ~ /0 1 2 3 4 5 6 7 8 9/
	for (i = 1; i <= n; i++) {
		if (digits && k[i] ~ /^[1-8]$/)
			continue
		if (digits && k[i] == "9")
			out = out " Ns \\(en Ns Ic 9"
		else
			out = out (out == "" ? "" : " , ") "Ic " word(k[i])
	}
	return out
}

function keys(panel,    i)
{
	if (!(panel in keys_n))
		fail("no keys of the panel " panel)
	print ".Bl -tag -width \"Tab, l, Right\" -compact"
	for (i = 1; i <= keys_n[panel]; i++) {
		print ".It " key_list(keys_of[panel, i])
		print plain(keys_help[panel, i])
	}
	print ".El"
}

function settings(table,    i, j, t, n, name)
{
	n = rows_n[table]
	for (i = 2; i <= n; i++) {	# by name
		for (j = i; j > 1 && rows[table, j] < rows[table, j - 1]; j--) {
			t = rows[table, j]
			rows[table, j] = rows[table, j - 1]
			rows[table, j - 1] = t
		}
	}
	print ".Bl -tag -width Ds"
	for (i = 1; i <= n; i++) {
		name = rows[table, i]
		if (table == "console")
			print ".It Cm " word(name)
		else
			print ".It Cm " word(name) " Pq " (what[table, name] \
				== "" ? "empty" : "Li " \
				word(what[table, name]))
		if ((table, name) in own)
			printf "%s", own[table, name]
		else if (table == "console")
			running(sentence(help[table, name] ": " \
				what[table, name]))
		else
			running(sentence(help[table, name]))
	}
	print ".El"
}

# Running text, a sentence a line and none too long
function running(s,    n, w, i, line)
{
	n = split(plain(s), w, " ")
	line = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && (length(line " " w[i]) > 78 ||
		    line ~ /[a-z)"]\.$/)) {
			print line
			line = ""
		}
		line = line (line == "" ? "" : " ") w[i]
	}
	if (line != "")
		print line
}

# A paragraph of Markdown; code becomes a literal
function paragraph(s,    before, code, pre, post)
{
	if (match(s, /^\*\*[^*]+\*\* */)) {
		code = substr(s, 3, RLENGTH - 2)
		sub(/\*\*.*/, "", code)
		print ".Ss " code
		s = substr(s, RLENGTH + 1)
	}
	else if (!fresh) {
		print ".Pp"
	}
	fresh = glue = 0
	gsub(/\*\*/, "", s)
	while (match(s, /\[[^]`]+\]\([^)]+\)/)) {
		code = substr(s, RSTART + 1, RLENGTH - 1)
		sub(/\].*/, "", code)
		s = substr(s, 1, RSTART - 1) code substr(s, RSTART + RLENGTH)
	}
	while (match(s, /`[^`]*`/)) {
		before = substr(s, 1, RSTART - 1)
		code = substr(s, RSTART + 1, RLENGTH - 2)
		s = substr(s, RSTART + RLENGTH)
		pre = post = ""
		if (before ~ /\($/) {
			pre = "( "
			before = substr(before, 1, length(before) - 1)
		}
		glued = before != "" && before !~ / $/
		sub(/ +$/, "", before)
		sub(/^ +/, "", before)
		if (before != "" && glue)
			print ".No " word(before) (glued ? " Ns" : "")
		else if (before != "")
			running(before)
		while (s ~ /^[.,;:)?!]/) {
			post = post " " substr(s, 1, 1)
			s = substr(s, 2)
		}
		# "`a`/`b`": what stands between without a blank
		glue = post == "" && s ~ /^[^ ]/
		if (glue)
			post = " Ns"
		print ".Li " pre word(code) post
		sub(/^ +/, "", s)
	}
	if (s != "")
		running(s)
}

function cell(s)
{
	gsub(/\|/, "\\|", s)
	return s
}

function code(s)
{
	return s == "" ? "" : "`" cell(s) "`"
}

function braces(s)
{
	return s == "" ? "" : "{" s "}"
}

function methods(    i, r)
{
	if (markdown) {
		print "| method | params | result | |"
		print "|---|---|---|---|"
	}
	else {
		print ".Bl -tag -width Ds"
	}
	for (i = 1; i <= n_methods; i++) {
		split(method[i], r, "\t")
		if (markdown) {
			printf "| `%s` | %s | %s | %s |\n", r[2],
				code(braces(r[3])), code(r[4]), cell(r[5])
			continue
		}
		print ".It Ic " word(r[2]) (r[3] == "" ? "" : " Ar " \
			word(braces(r[3])))
		running(sentence(r[5]))
		print "Result:"
		print ".Li " word(r[4]) " ."
	}
	if (!markdown)
		print ".El"
}

function events(    i, r, end)
{
	if (markdown) {
		print "| event | params |"
		print "|---|---|"
	}
	else {
		print ".Bl -tag -width Ds"
	}
	for (i = 1; i <= n_events; i++) {
		split(event[i], r, "\t")
		if (markdown) {
			printf "| `%s` | %s |\n", r[2], cell(r[3])
			continue
		}
		print ".It Ic " word(r[2])
		running(r[3])
	}
	if (!markdown)
		print ".El"
}

# A row of another table: its first cell names it
function row(s,    c, n, i)
{
	n = split(s, c, "|")
	gsub(/[` ]/, "", c[2])
	print ".Pp"
	print ".Li " word(c[2])
	for (i = 3; i < n; i++) {
		gsub(/`/, "", c[i])
		running(c[i])
	}
}

function flush_text()
{
	if (text != "")
		paragraph(text)
	text = ""
}

FNR == 1 {
	file++
	md = FILENAME ~ /\.md$/
}

# ---- the tables ----------------------------------------------------------
file == 1 {
	split($0, r, "\t")
	if (r[1] == "key") {
		n = ++keys_n[r[2]]
		keys_of[r[2], n] = r[3]
		keys_help[r[2], n] = r[4]
	}
	else if (r[1] == "method") {
		method[++n_methods] = $0
	}
	else if (r[1] == "event") {
		event[++n_events] = $0
	}
	else {
		rows[r[1], ++rows_n[r[1]]] = r[2]
		what[r[1], r[2]] = r[3]
		help[r[1], r[2]] = r[4]
	}
	next
}

# ---- the wire, in Markdown -----------------------------------------------
md && /^\|/ {
	flush_text()
	if (!in_table)
		made = section == "Methods" || section == "Events"
	if (!in_table && section == "Methods")
		methods()
	else if (!in_table && section == "Events")
		events()
	else if (!made && !markdown && !/^\|-/)
		row($0)
	else if (markdown && !made)
		print
	in_table = 1
	next
}

md {
	in_table = 0
}

md && /^## / {
	flush_text()
	section = substr($0, 4)
}

md && markdown {
	print
	next
}

md && /^# / {
	print ".\\\" Made by page.awk of docs/rpc.md."
	print ".Dd November 22, 2026"
	print ".Dt OFFHOOK-RPC 7"
	print ".Os"
	print ".Sh NAME"
	print ".Nm offhook-rpc"
	print ".Nd the wire between the phone and its consoles"
	print ".Sh DESCRIPTION"
	fresh = 1
	next
}

md && /^## / {
	print ".Sh " toupper(section)
	fresh = 1
	next
}

md && /^$/ {
	flush_text()
	next
}

md && /^    / {
	flush_text()
	print ".Dl " plain(substr($0, 5))
	next
}

md {
	text = text (text == "" ? "" : " ") $0
	next
}

# ---- a page in mdoc ------------------------------------------------------
/^\.\\" keys / {
	keys($3)
	next
}

/^\.\\" settings / {
	table = $3
	if (!(table in rows_n))
		fail("no table of settings " table)
	name = ""
	inside = 1
	next
}

inside && /^\.\\" end$/ {
	settings(table)
	inside = 0
	next
}

inside && /^\.Bl / {
	depth++
}

inside && depth && /^\.El/ {
	depth--
}

inside && !depth && /^\.It Cm / {
	name = $3
	if (!((table, name) in help))
		fail("no setting has the name " name)
	own[table, name] = ""
	next
}

inside {
	if (name == "")
		fail("words of no setting")
	own[table, name] = own[table, name] $0 "\n"
	next
}

{
	print
}

END {
	if (failed)
		exit 1
	if (md) {
		flush_text()
		if (!markdown) {
			print ".Sh SEE ALSO"
			print ".Xr offhook 1 ,"
			print ".Xr offhookd 8"
		}
	}
	if (inside)
		fail(".\\\" end is missing")
}
