# make install, make uninstall: PREFIX (/usr/local) and DESTDIR are honoured.
# Each line of INSTALLED is what install puts down and uninstall takes away.

D := $(DESTDIR)$(PREFIX)

.PHONY: install uninstall
install: all ## install below DESTDIR PREFIX
	install -Dm755 -t $(D)/bin $(B)/offhook $(B)/offhookd
	install -d $(D)/lib/offhook/modules
	$(if $(MODULE_SO),install -m644 -t $(D)/lib/offhook/modules $(MODULE_SO))
	install -Dm644 -t $(D)/include/offhook src/phone/module/module.h
	install -Dm644 -t $(D)/share/offhook/themes themes/*.theme

uninstall: ## remove what install put there
	rm -f $(D)/bin/offhook $(D)/bin/offhookd
	rm -rf $(D)/lib/offhook $(D)/include/offhook $(D)/share/offhook
