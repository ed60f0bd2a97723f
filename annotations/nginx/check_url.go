package nginx

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// redirectPage accepts a page for failed client certificates: a named location, a URL or a path.
var redirectPage = unspaced(matching(`@[A-Za-z0-9_-]+|(?:(?:https?://)?[A-Za-z0-9.-]+(?::\d+)?)?(?:/[A-Za-z0-9._-]+)*/?`, "a URL, a path or @name"))

// rootPath accepts a path to redirect / to. Full URLs are refused.
func rootPath(v string) error {
	if v == "" {
		return nil
	}
	if err := chars(targetSet)(v); err != nil {
		return err
	}
	u, err := url.ParseRequestURI(v)
	switch {
	case err != nil:
		return errors.New("not an absolute path")
	case u.IsAbs():
		return errors.New("a full URL, not a path")
	}
	return nil
}

// absoluteURL is the controller's second look at auth-url and global-auth-url, after their characters: without a scheme or a
// host there is nobody to ask.
func absoluteURL(v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil:
		return errors.New("not a URL")
	case u.Scheme == "":
		return errors.New("a URL without a scheme")
	case u.Host == "":
		return errors.New("a URL without a host")
	case strings.Contains(u.Host, ".."):
		return errors.New("a URL with an impossible host")
	}
	return nil
}

// globalURL is absoluteURL for a setting, which may be absent.
func globalURL(v string) error {
	if v == "" {
		return nil
	}
	return absoluteURL(v)
}

// httpURL is the controller's second look at temporal-redirect, after its characters: without http or https all redirect
// annotations of the Ingress are skipped.
func httpURL(v string) error {
	u, err := url.Parse(v)
	if err != nil {
		return errors.New("not a URL")
	}
	if !strings.HasPrefix(u.Scheme, "http") {
		return errors.New("not an http or https URL")
	}
	return nil
}

// corsOrigins accepts what the controller takes for a list of origins. It is loose: entries that are no origin are skipped
// later, one by one (see corsOrigin).
var corsOrigins = unspaced(matching(`(?:(?:(?:[a-z]+://)?(?:\*\.)?[A-Za-z0-9.-]*(?::\d+)?,?|null)+|\*)?`, "a list of origins"))

// corsOrigin accepts one origin of the list, with its spaces trimmed.
var corsOrigin = matching(`[a-z]+://(?:\*\.)?[A-Za-z0-9.-]*(?::\d+)?|\*|null`, "an origin such as https://*.example.com")

// corsMethods accepts a list of words made of letters.
var corsMethods = matching(`(?:[A-Za-z]+,?\s?)+`, "a list of methods")

// corsExposed accepts a list of header names, or *.
var corsExposed = matching(`(?:(?:[A-Za-z0-9_-]+|\*),?\s?)+`, "a list of header names")

// compiles accepts regular expressions of Go.
func compiles(v string) error {
	if _, err := regexp.Compile(v); err != nil {
		return errors.New("not a regular expression")
	}
	return nil
}
