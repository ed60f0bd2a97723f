package nginx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The character sets of the controller, beside ASCII letters and digits.
const (
	basicSet   = "-._~/:"                     // object names, host:port/path
	spaceSet   = basicSet + " "               // texts
	listSet    = basicSet + ", "              // lists of texts
	targetSet  = basicSet + "$"               // paths with captures
	urlSet     = basicSet + ",?&="            // URLs with a query
	urlVarSet  = urlSet + " $"                // URLs with variables
	regexSet   = basicSet + `^$[](){}*+?|&=\` // patterns and server names
	varSet     = "-_${}"                      // text with variables
	headersSet = "-_, "                       // lists of header names
	wordSet    = "-_"                         // header names and other words
	fileSet    = "-_."                        // file names
	cipherSet  = "+:_-!"                      // OpenSSL cipher strings
)

// chars accepts ASCII letters, digits and the characters of a set.
func chars(set string) checker {
	return func(v string) error {
		for _, r := range v {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
			if !letter && !strings.ContainsRune(set, r) {
				return fmt.Errorf("character %s is not allowed", strconv.QuoteRuneToASCII(r))
			}
		}
		return nil
	}
}

// The usual combinations.
var basicChars = unspaced(chars(basicSet))
var urlChars = unspaced(chars(urlSet))
var urlVars = unspaced(chars(urlVarSet))
var variables = unspaced(chars(varSet))

// serverName accepts host names, nginx wildcards and patterns in the controller's character set.
func serverName(v string) error { return chars(regexSet)(strings.TrimSpace(v)) }

// serverNames is serverName for a list.
func serverNames(v string) error {
	for n := range strings.SplitSeq(v, ",") {
		if err := serverName(n); err != nil {
			return err
		}
	}
	return nil
}

// nameOfHeader accepts the name of a header.
func nameOfHeader(v string) error {
	if v == "" {
		return errors.New("empty header name")
	}
	if err := chars(wordSet)(v); err != nil {
		return fmt.Errorf("header name: %w", err)
	}
	return nil
}

// headerChars accepts lists in the character set of header names.
var headerChars = unspaced(chars(headersSet))

// headerNames accepts a list of header names.
func headerNames(v string) error {
	if err := headerChars(v); err != nil {
		return err
	}
	for n := range strings.SplitSeq(v, ",") {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		if err := nameOfHeader(n); err != nil {
			return err
		}
	}
	return nil
}

// serviceName accepts the name of a Service: a DNS label that begins with a letter.
var serviceName = matching(`[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?`, "the name of a Service")

// commonName accepts CN= and a regular expression that Go compiles.
func commonName(v string) error {
	if v == "" {
		return nil
	}
	expr, ok := strings.CutPrefix(v, "CN=")
	if !ok {
		return errors.New("does not begin with CN=")
	}
	return compiles(expr)
}

// cookieSeconds accepts what the controller takes for a number of seconds: text that begins with 0, or that ends in a
// whole number.
func cookieSeconds(v string) error {
	if v == "" || v[0] == '0' {
		return oneLine(v)
	}
	digits := len(v) - len(strings.TrimRight(v, "0123456789"))
	if strings.TrimLeft(v[len(v)-digits:], "0") == "" || oneLine(v) != nil {
		return errors.New("not a number of seconds")
	}
	return nil
}
