// Package browser tests the HTML report as its readers meet it: in a real browser, with the keyboard, without scripts, on paper,
// in the dark, and with an input that tries to take the page over. The tests carry the tag browser; see test/browser.mk.
package browser
