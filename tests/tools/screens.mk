# Screens: goldens for the tests, pictures for people

.PHONY: goldens screens

goldens: all ## write the golden screens anew; look at the change after it
	@cd tests/e2e && for py in python3 /usr/bin/python3; do \
		$$py -c 'import pytest' 2> /dev/null && break; done; \
		OFFHOOK_GOLDENS=1 $$py -B -m pytest -q -p no:cacheprovider \
		test_screens.py -k 'not recording'
	@git status --short tests/data/screens

screens: all ## write the pictures of docs/screens anew
	@tests/tools/screens.py
