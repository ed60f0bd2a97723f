package suite

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

// WorkerArgument makes this program a worker.
const WorkerArgument = "worker"

// caseLimit is when a case counts as hanging.
const caseLimit = 4 * time.Minute

// Pool hands jobs to worker processes.
type Pool struct {
	Settings Settings
	Workers  int
}

// Run runs the jobs, in their order as workers get free, and calls each for every result, one at a time.
func (p *Pool) Run(jobs []Job, each func(*runner.Result)) error {
	queue := make(chan Job)
	results := make(chan *runner.Result)
	errs := make(chan error, p.Workers)
	var wg sync.WaitGroup
	for n := range min(p.Workers, len(jobs)) {
		wg.Go(func() { errs <- p.serve(n, queue, results) })
	}
	go func() {
		for _, j := range jobs {
			queue <- j
		}
		close(queue)
	}()
	go func() {
		wg.Wait()
		close(results)
		close(errs)
	}()
	for r := range results {
		each(r)
	}
	var failed []error
	for err := range errs {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// serve keeps one worker going; one that dies costs its case only.
func (p *Pool) serve(n int, queue <-chan Job, results chan<- *runner.Result) error {
	var w *worker
	defer func() { w.stop() }()
	var startFailed error
	for j := range queue {
		if w == nil && startFailed == nil {
			w, startFailed = p.start(n)
		}
		if startFailed != nil {
			results <- brokenResult(j, startFailed.Error())
			continue
		}
		m, err := w.run(j)
		if err != nil {
			m = &message{Result: brokenResult(j, fmt.Sprintf("the worker died: %v", err)), Spent: true}
		}
		if m.Spent {
			w.stop()
			w = nil
		}
		results <- m.Result
	}
	return startFailed
}

// worker is a process that runs cases.
type worker struct {
	cmd     *exec.Cmd
	jobs    io.WriteCloser
	results *bufio.Reader
}

func (p *Pool) start(n int) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer write.Close()
	cmd := exec.Command(self, WorkerArgument)
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{write} // results: stdout is not ours alone
	cmd.SysProcAttr = p.Settings.Level.Attributes()
	jobs, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start worker: %w", err), read.Close())
	}
	w := &worker{cmd: cmd, jobs: jobs, results: bufio.NewReader(read)}
	settings := p.Settings
	settings.Worker = n
	var ready string
	if err := json.NewEncoder(jobs).Encode(settings); err == nil {
		err = readLine(w.results, &ready)
	}
	if ready == "" {
		w.stop()
		return nil, errors.New("the worker did not start")
	}
	return w, nil
}

func (w *worker) run(j Job) (*message, error) {
	limit := time.AfterFunc(caseLimit, func() { _ = w.cmd.Process.Kill() })
	defer limit.Stop()
	if err := json.NewEncoder(w.jobs).Encode(j); err != nil {
		return nil, err
	}
	m := &message{}
	return m, readLine(w.results, m)
}

func (w *worker) stop() {
	if w == nil {
		return
	}
	_ = w.jobs.Close() // it ends by itself; what it was about is reported already
	_ = w.cmd.Wait()
}

// Isolation finds the best level that the machine allows, by trying to start a worker; wanted, if given, is the only one
// to try.
func Isolation(s Settings, wanted sandbox.Level) (sandbox.Level, error) {
	levels := sandbox.Levels()
	if wanted != "" {
		levels = []sandbox.Level{wanted}
	}
	s.Cluster = nil // takes long, and shows nothing more
	var last error
	for _, level := range levels {
		s.Level = level
		p := &Pool{Settings: s, Workers: 1}
		w, err := p.start(0)
		if err == nil {
			w.stop()
			return level, nil
		}
		last = err
	}
	return "", last
}
