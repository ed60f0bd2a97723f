package nginx

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// size accepts a number with the unit b, k, m or g in any case, or none.
var size = unspaced(matching(`\d+[bkmgBKMG]?`, "a size such as 8m"))

// bytesOf reads a size. It is false for what nginx itself does not know although the controller lets it pass (the unit b,
// spaces): the controller leaves such a value out, so that the enclosing default holds.
func bytesOf(v string) (int64, bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0, false
	}
	unit := int64(1)
	switch v[len(v)-1] {
	case 'k', 'K':
		unit = 1 << 10
	case 'm', 'M':
		unit = 1 << 20
	case 'g', 'G':
		unit = 1 << 30
	}
	if unit > 1 {
		v = v[:len(v)-1]
	}
	if strings.Trim(v, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

// statusList accepts a list of statuses from 400 to 599. The controller's own check also lets a comma stand for the first
// digit, and lets the commas between the statuses be left out.
var statusList = unspaced(matching(`(?:[4,5]\d{2},?)*`, "a list of statuses from 400 to 599"))

// tries accepts the words of proxy_next_upstream.
var tries = matching(`(?:(?:error|timeout|invalid_header|http_500|http_502|http_503|http_504|http_403|http_404|http_429|non_idempotent|off)\s?)+`,
	"a list of conditions such as error timeout http_503")

// tlsVersions accepts TLSv1.2 and TLSv1.3.
var tlsVersions = unspaced(matching(`(?:TLSv1\.2|TLSv1\.3)*`, "a list of TLSv1.2 and TLSv1.3"))

// serverCiphers accepts an OpenSSL cipher string with @STRENGTH and @SECLEVEL.
var serverCiphers = unspaced(matching(`(?:[A-Za-z0-9!:+_-]|@STRENGTH|@SECLEVEL=[0-5])*`, "an OpenSSL cipher string"))

// cookieDomains accepts off, or two words: what to replace and by what.
var cookieDomains = matching(`off|[-._~a-zA-Z0-9/:]+\s+[-._~a-zA-Z0-9/:]+`, "off or two words")

// method accepts the methods that an authentication request may have.
var method = unspaced(oneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"))

var cacheStatus, cacheSpan = regexp.MustCompile(`^\d{3}$`), regexp.MustCompile(`^\d+(?:ms|s|m|h|d|w|M|y)$`)

// cacheDurations is the controller's second look at auth-cache-duration, after its characters: every entry of the list must
// have a time, and no status behind it. Words that are neither are passed over.
func cacheDurations(v string) error {
	for entry := range strings.SplitSeq(v, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		timed := false
		for word := range strings.SplitSeq(strings.TrimSpace(entry), " ") {
			switch {
			case cacheStatus.MatchString(word) && timed:
				return errors.New("a status behind its time")
			case cacheSpan.MatchString(word):
				timed = true
			}
		}
		if !timed {
			return errors.New("an entry without a time")
		}
	}
	return nil
}
