package cli

import (
	"errors"
	"slices"
	"strings"
)

// splitWords splits a command line into words as a shell does: blanks separate, single quotes keep everything, double quotes
// and backslashes keep what they stand for. Nothing is expanded.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	open := false // a word has begun, perhaps an empty one
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == '\'' && c != '\'':
			word.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\':
			i++
			if i == len(s) {
				return nil, errors.New("ends in a backslash")
			}
			if quote == '"' && !strings.ContainsRune("\"\\$`\n", rune(s[i])) {
				word.WriteByte(c)
			}
			if s[i] != '\n' {
				word.WriteByte(s[i])
				open = true
			}
		case quote == '"':
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if quote != 0 {
		return nil, errors.New("has a quote that is not closed")
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// rejoin puts together what a shell took apart: a variable that holds quoted words, as in ARGS="'--controller-args' '--a --b'",
// is split at its blanks, quotes and all, when it is used without quotes. No flag begins with a quote, so that an argument
// which does can only be such a word. What does not come out even is left as it is.
func rejoin(args []string) []string {
	first := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "'-") })
	if first < 0 {
		return args
	}
	last := len(args)
	for last > first && !strings.HasSuffix(args[last-1], "'") {
		last--
	}
	words, err := splitWords(strings.Join(args[first:last], " "))
	if err != nil {
		return args
	}
	return slices.Concat(args[:first], words, args[last:])
}
