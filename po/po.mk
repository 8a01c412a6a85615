# Translations: po/LANGUAGE.po becomes a catalogue beside the programs, and
# is installed. Without msgfmt (gettext) everything is English.

PO     := $(wildcard po/*.po)
MSGFMT := $(shell command -v msgfmt 2>/dev/null)
MO     := $(if $(MSGFMT),$(PO:po/%.po=$(B)/locale/%/LC_MESSAGES/offhook.mo))

# Who says something translates it: the functions that do, and which of
# their arguments it is (two of them: one in each run of xgettext)
PO_KEYWORDS := N_ _ C_:1c,2 i18n_plural:1,2 cmd_print:2 cmd_fail:2 \
	cmd_fail_reason:4 console_message:3 form_status:3 form_text:4 \
	form_choice:3 form_switch:3 form_button:3 confirm_open:2 \
	confirm_add:3 wrong:1 fail:1
PO_KEYWORDS2 := form_text:6 form_choice:4 form_switch:5 form_button:4 \
	confirm_open:3

.PHONY: catalogues po-template po-update
all: catalogues
catalogues: $(MO)
	@$(if $(MSGFMT),:,echo "translations left out: msgfmt not found")

$(B)/locale/%/LC_MESSAGES/offhook.mo: po/%.po
	$(call say,MO   $<)
	$(Q)mkdir -p $(@D) && msgfmt -c -o $@ $<

# Manual pages of a language, with its words for keys and settings
MAN_RU := $(patsubst docs/%,$(B)/man/%,$(wildcard docs/ru/*.1))
all: $(MAN_RU)

$(B)/docs/tables.ru: $(B)/docs/tables_console $(B)/docs/tables $(MO)
	$(Q)ASAN_OPTIONS=detect_leaks=0 LC_ALL=C.UTF-8 LANGUAGE=ru \
		$< $(B)/locale > $@

$(MAN_RU): $(B)/man/ru/%: docs/ru/% docs/page.awk $(if $(MSGFMT),$(B)/docs/tables.ru,\
		$(B)/docs/tables)
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -f docs/page.awk $(lastword $^) $< > $@.new && \
		mv $@.new $@

# Sentences of the phone are not marked: what it says it says in English
XGETTEXT = xgettext -L C --from-code=UTF-8 -k --add-location=file \
	--sort-by-file --package-name=offhook --foreign-user -D . \
	-D $(B)/po $(1) $(wildcard src/console/*.c src/console/*/*.c)

# POT: where the template goes; lint makes one aside and compares
POT ?= po/offhook.pot
po-template:
	@mkdir -p $(B)/po
	@po/sentences.py > $(B)/po/phone.c
	@$(call XGETTEXT,$(PO_KEYWORDS:%=-k%) -o $(B)/po/1.pot) phone.c
	@$(call XGETTEXT,$(PO_KEYWORDS2:%=-k%) -o $(B)/po/2.pot)
	@msgcat --use-first --sort-by-file $(B)/po/1.pot $(B)/po/2.pot | \
		po/sentences.py --template > $(POT)

po-update: po-template ## take new texts of the code into po/
	@for po in $(PO); do msgmerge -q --update --backup=none \
		--no-fuzzy-matching --sort-by-file --add-location=file \
		$$po $(POT); done
