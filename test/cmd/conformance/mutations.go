package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/mutate"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/suite"
)

// attempt is what became of one mutation.
type attempt struct {
	tried  []string // cases where it found something to break
	caught []string // and whose requests noticed
	void   []string // cases that fail even unbroken, had nothing to break, or whose broken translation is refused
}

// runMutations runs each mutation on its cases, and those cases unbroken: who fails anyway proves nothing.
func runMutations(o *options, pool *suite.Pool, cases []*casefile.Case) (bool, error) {
	start := time.Now()
	byName := map[string]*casefile.Case{}
	for _, c := range cases {
		byName[c.Name] = c
	}
	mutations := mutate.All()
	queue, err := mutationJobs(mutations, byName)
	if err != nil {
		return false, err
	}
	var results []*runner.Result
	sound := map[string]bool{}
	err = pool.Run(queue, func(r *runner.Result) {
		results = append(results, r)
		if r.Mutation == "" {
			sound[r.Name] = r.State.Good()
		}
	})
	if err != nil {
		return false, err
	}
	attempts := map[string]*attempt{}
	for _, m := range mutations {
		attempts[m.Name] = &attempt{}
	}
	summary := suite.Summarize("mutations", time.Since(start), results)
	for _, r := range summary.Results {
		if r.Mutation != "" {
			attempts[r.Mutation].add(r, sound[r.Name])
		}
	}
	if err := summary.WriteJSON(filepath.Join(o.out, "mutations.json")); err != nil {
		return false, err
	}
	return printMutations(mutations, attempts, time.Since(start))
}

func mutationJobs(mutations []mutate.Mutation, byName map[string]*casefile.Case) ([]suite.Job, error) {
	var plain, broken []suite.Job
	seen := map[string]bool{}
	for _, m := range mutations {
		for _, name := range m.Cases {
			c := byName[name]
			if c == nil {
				return nil, fmt.Errorf("mutation %s: no case %s", m.Name, name)
			}
			if !seen[name] {
				seen[name] = true
				plain = append(plain, suite.Job{Path: c.Path})
			}
			broken = append(broken, suite.Job{Path: c.Path, Mutation: m.Name})
		}
	}
	return append(plain, broken...), nil
}

func (a *attempt) add(r *runner.Result, sound bool) {
	if !sound || !r.Applied || r.Refused || r.State == runner.Broken {
		a.void = append(a.void, r.Name)
		return
	}
	a.tried = append(a.tried, r.Name)
	if r.Requests.Failed > 0 {
		a.caught = append(a.caught, r.Name)
	}
}

func printMutations(mutations []mutate.Mutation, attempts map[string]*attempt, took time.Duration) (bool, error) {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MUTATION\tRESULT\tcaught by\tnot noticed by\tnothing to prove on")
	caught := 0
	for _, m := range mutations {
		a := attempts[m.Name]
		verdict := "caught"
		switch {
		case len(a.caught) > 0:
			caught++
		case len(a.tried) > 0:
			verdict = "MISSED"
		default:
			verdict = "NOT TRIED"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Name, verdict, strings.Join(a.caught, " "), strings.Join(a.missed(), " "), strings.Join(a.void, " "))
	}
	err := t.Flush()
	fmt.Printf("\n%d of %d mutations caught, in %.1f s\n", caught, len(mutations), took.Seconds())
	return caught == len(mutations), err
}

// missed are the cases that did not notice.
func (a *attempt) missed() []string {
	var out []string
	for _, name := range a.tried {
		noticed := false
		for _, c := range a.caught {
			noticed = noticed || c == name
		}
		if !noticed {
			out = append(out, name)
		}
	}
	return out
}
