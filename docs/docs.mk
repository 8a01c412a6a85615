# Manual pages: their tables of keys, settings and methods are the programs'
# own, so the pages are made when offhook is built (page.awk).

MAN_SRC   := $(wildcard docs/*.[1578])
MAN_PAGES := $(MAN_SRC:docs/%=$(B)/man/%) $(B)/man/offhook-rpc.7

.PHONY: man tables check-tables
man: $(MAN_PAGES) ## manual pages: man -l build/man/offhook.1
all: man

$(B)/docs/tables_phone: docs/tables_phone.c $(LIBPHONE) $(LIBCOMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PHONE_CFLAGS) $(LDFLAGS) -o $@ $< \
		$(LIBPHONE) $(LIBCOMMON) $(PHONE_LIBS)

$(B)/docs/tables_console: docs/tables_console.c $(LIBCONSOLE) $(LIBCOMMON)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CONSOLE_CFLAGS) $(LDFLAGS) -o $@ \
		$< $(LIBCONSOLE) $(LIBCOMMON) $(CONSOLE_LIBS)

# Touched only by a change of the tables, not by each one of the programs
$(B)/docs/tables: $(B)/docs/tables_phone $(B)/docs/tables_console
	$(Q)(ASAN_OPTIONS=detect_leaks=0; export ASAN_OPTIONS; \
		$(B)/docs/tables_phone && $(B)/docs/tables_console) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

page = @mkdir -p $(@D); \
	LC_ALL=C awk -f docs/page.awk $(2) $(B)/docs/tables $(1) > $@.new && \
	mv $@.new $@

$(B)/man/%: docs/% docs/page.awk $(B)/docs/tables
	$(call page,$<)

$(B)/man/offhook-rpc.7: docs/rpc.md docs/page.awk $(B)/docs/tables
	$(call page,$<)

$(B)/docs/rpc.md: docs/rpc.md docs/page.awk $(B)/docs/tables
	$(call page,$<,-v markdown=1)

tables: $(B)/docs/rpc.md ## write the tables of docs/rpc.md anew
	@cmp -s $< docs/rpc.md || cp $< docs/rpc.md

check-tables: $(B)/docs/rpc.md
	@diff -u docs/rpc.md $< || { echo "docs/rpc.md: make tables"; false; }
