# make install, make uninstall: PREFIX (/usr/local) and DESTDIR are honoured.
# One list says what is put where; uninstall takes exactly that away, and
# the folders of offhook's own that are empty then.

D := $(DESTDIR)$(PREFIX)

# FOLDER MODE FILE...
put = $(foreach f,$(3),$(1):$(2):$(f))
INSTALLED = \
	$(call put,bin,755,$(B)/offhook $(B)/offhookd) \
	$(call put,lib/offhook/modules,644,$(MODULE_SO)) \
	$(call put,lib/systemd/user,644,contrib/systemd/offhookd.service) \
	$(call put,include/offhook,644,src/phone/module/module.h) \
	$(call put,include/offhook,644,src/phone/module/module_keys.h) \
	$(call put,share/offhook,644,$(wildcard share/*.wav)) \
	$(call put,share/offhook,755,contrib/demo-session) \
	$(call put,share/offhook/themes,644,$(wildcard themes/*.theme)) \
	$(call put,share/offhook/tmux,755,contrib/tmux/offhook.tmux) \
	$(call put,share/offhook/tmux,755,contrib/tmux/ring-popup) \
	$(call put,share/offhook/tmux,644,contrib/tmux/desk.conf) \
	$(call put,share/doc/offhook,644,README.md CHANGELOG.md LICENSE) \
	$(call put,share/doc/offhook/docs,644,$(wildcard docs/*.md)) \
	$(foreach n,1 5 7 8,$(call put,share/man/man$(n),644,$(filter \
		%.$(n),$(MAN_PAGES)))) \
	$(call put,share/man/ru/man1,644,$(MAN_RU)) \
	$(foreach m,$(MO),$(call put,share/$(patsubst %/,%,$(dir \
		$(m:$(B)/%=%))),644,$(m))) \
	$(call put,share/fish/vendor_completions.d,644,\
		contrib/completions/offhook.fish) \
	$(call put,share/zsh/site-functions,644,contrib/completions/_offhook)

# The one file that goes by another name there
BASH_COMPLETION := share/bash-completion/completions/offhook

# These name the prefix
NAMING_PREFIX := lib/systemd/user/offhookd.service \
	share/offhook/tmux/offhook.tmux share/offhook/tmux/desk.conf \
	share/offhook/tmux/ring-popup

OWN_FOLDERS := lib/offhook/modules lib/offhook include/offhook \
	share/offhook/themes share/offhook/tmux share/offhook \
	share/doc/offhook/docs share/doc/offhook

part = $(word $(1),$(subst :, ,$(2)))

.PHONY: install uninstall
install: all ## install below DESTDIR PREFIX
	@set -e; $(foreach i,$(INSTALLED),install -D -m $(call part,2,$(i)) \
		-t '$(D)/$(call part,1,$(i))' '$(call part,3,$(i))';)
	@install -D -m 644 contrib/completions/offhook.bash \
		'$(D)/$(BASH_COMPLETION)'
	@sed -i 's|/usr/local/|$(PREFIX)/|' $(NAMING_PREFIX:%='$(D)/%')
	@echo "offhook $(VERSION) is in $(D)"

uninstall: ## remove what install put there
	@rm -f '$(D)/$(BASH_COMPLETION)' $(foreach i,$(INSTALLED),\
		'$(D)/$(call part,1,$(i))/$(notdir $(call part,3,$(i)))')
	@rm -f $(foreach m,$(MODULES),'$(D)/lib/offhook/modules/$(m).so')
	@for d in $(OWN_FOLDERS); do [ ! -d "$(D)/$$d" ] || \
		rmdir --ignore-fail-on-non-empty "$(D)/$$d"; done
	@echo "offhook is gone from $(D)"
