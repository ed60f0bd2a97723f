package main

import (
	"errors"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/suite"
)

// admitGoldens shows all golden outputs to a cluster: what the fast checks let through must pass there, too.
func admitGoldens(o *options) (bool, error) {
	if o.assets == "" {
		return false, errors.New("-admit needs -cluster")
	}
	jobs, err := suite.Goldens(o.admit)
	if err != nil {
		return false, err
	}
	pool, err := o.pool()
	if err != nil {
		return false, err
	}
	start := time.Now()
	var results []*runner.Result
	err = pool.Run(jobs, func(r *runner.Result) {
		results = append(results, r)
		o.print(r)
	})
	if err != nil {
		return false, err
	}
	summary := suite.Summarize("admission", time.Since(start), results)
	return summary.Good(o.strict), write(o, summary)
}
