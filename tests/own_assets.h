/* own_assets.h: templates and words of tests/src/web/ in place of the shop's: the linker takes `assets` from here. */
#ifndef OWN_ASSETS_H
#define OWN_ASSETS_H

#define ASSET(n, name) "n" n ": .asciz \"" name "\"\nb" n ": .incbin \"tests/src/web/" name "\"\ne" n ": .byte 0\n"
#define PLACE(n) ".quad n" n ", b" n ", e" n "\n"
__asm__(".pushsection .rodata\n" ASSET("1", "page.html") ASSET("2", "form.html") ASSET("3", "error.html")
	ASSET("4", "lang/en.po") ASSET("5", "lang/fr.po") ".section .data.rel.ro,\"aw\"\n.balign 8\n"
	".global assets, assets_end\nassets:\n" PLACE("1") PLACE("2") PLACE("3") PLACE("4") PLACE("5")
	"assets_end:\n.popsection\n");

#endif
