package client

import (
	"net/http"
	"sync"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Jars are the cookie jars of a case, by name.
type Jars map[string]map[string]string

// Run sends a request as often as it says and returns all answers.
func (t Target) Run(s *casefile.Send, jars Jars) []Answer {
	if s.Pause != "" {
		pause, _ := time.ParseDuration(s.Pause) // checked by the lint
		time.Sleep(pause)
	}
	if s.Concurrency > 1 {
		return t.runTogether(s)
	}
	var jar map[string]string
	if s.Jar != "" {
		if jars[s.Jar] == nil {
			jars[s.Jar] = map[string]string{}
		}
		jar = jars[s.Jar]
	}
	var answers []Answer
	for range max(1, s.Repeat) {
		a := t.Do(s, jar)
		if jar != nil {
			for _, c := range (&http.Response{Header: a.Header}).Cookies() {
				jar[c.Name] = c.Value
			}
		}
		answers = append(answers, a)
	}
	return answers
}

// runTogether keeps s.Concurrency requests going at the same time.
func (t Target) runTogether(s *casefile.Send) []Answer {
	answers := make([]Answer, max(1, s.Repeat))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(s.Concurrency, len(answers)) {
		wg.Go(func() {
			for i := range next {
				answers[i] = t.Do(s, nil)
			}
		})
	}
	for i := range answers {
		next <- i
	}
	close(next)
	wg.Wait()
	return answers
}
