package html

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// sentences are what is said of many Ingresses in the same words. Such a sentence stands once, below its code; rows refer to it.
type sentences struct {
	counts map[sentence]int
	often  []often
	number map[sentence]int
}

type sentence struct {
	code           finding.Code
	field, message string
}

// often is a sentence with the number that links to it are made of.
type often struct {
	sentence
	N, Count int
}

// manyTimes is how often a sentence must be said to stand once.
const manyTimes = 20

func newSentence(f *finding.Finding) sentence {
	return sentence{f.Code, reports.GeneralField(f.Origin.Field), f.Message()}
}

// hear counts what people should read.
func (s *sentences) hear(f *finding.Finding) {
	if !loud(f) {
		return
	}
	if s.counts == nil {
		s.counts = map[sentence]int{}
	}
	s.counts[newSentence(f)]++
}

// settle numbers the sentences that are said many times, by code and field.
func (s *sentences) settle() {
	for x, n := range s.counts {
		if n >= manyTimes {
			s.often = append(s.often, often{sentence: x, Count: n})
		}
	}
	slices.SortFunc(s.often, func(a, b often) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(b.Count, a.Count), cmp.Compare(a.field, b.field), cmp.Compare(a.message, b.message))
	})
	s.number = make(map[sentence]int, len(s.often))
	for i := range s.often {
		s.often[i].N = i
		s.number[s.often[i].sentence] = i
	}
	s.counts = nil
}

// of lists the sentences of a code.
func (s *sentences) of(c finding.Code) []often {
	var out []often
	for _, o := range s.often {
		if o.code == c {
			out = append(out, o)
		}
	}
	return out
}

// Field is the field that a sentence is about.
func (o often) Field() string { return o.field }

// Shown is the sentence's text.
func (o often) Shown() string { return show(o.message) }
