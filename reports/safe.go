package reports

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// codeSpan makes a text from the input stand in Markdown as code, where nothing of it is markup: no link, no mention, no HTML. Line
// breaks and control characters are shown as escapes.
func codeSpan(s string, limit int) string {
	s = Clean(s, limit)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		pad = " "
	}
	return fence + pad + s + pad + fence
}

// cellCode is codeSpan within a table, where a bar ends a cell even in code.
func cellCode(s string, limit int) string { return strings.ReplaceAll(codeSpan(s, limit), "|", `\|`) }

// escapeUnprintable replaces characters of a JSON text that are no text by escapes: what turns the direction of writing or
// steers a terminal. encoding/json leaves all above the blank as they are. long writes those beyond 16 bits as YAML wants them,
// not as a pair.
func escapeUnprintable(data []byte, long bool) []byte {
	if !bytes.ContainsFunc(data, unprintable) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case !unprintable(r):
			out = append(out, data[:n]...)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		case long:
			out = fmt.Appendf(out, `\U%08x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
		data = data[n:]
	}
	return out
}

func unprintable(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }

// duration writes minutes, from an hour on as hours.
func duration(minutes int) string {
	if minutes < 60 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%.1f h", float64(minutes)/60)
}

// wrap breaks a text of ours into lines.
func wrap(s string, width int) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(s) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
