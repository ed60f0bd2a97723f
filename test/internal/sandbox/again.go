package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
)

// Inside is the first argument of a program that runs in a network of its own.
const Inside = "inside"

// Again runs this program once more with the same arguments, in a network of its own, and waits for it. Its first argument is then
// Inside. An *exec.ExitError tells how it ended.
func Again() error {
	var err error
	for _, level := range Levels() {
		if !level.Isolated() {
			continue
		}
		cmd := exec.Command("/proc/self/exe", append([]string{Inside}, os.Args[1:]...)...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.SysProcAttr = level.Attributes()
		signal.Ignore(os.Interrupt) // it is for the program inside, which cleans up
		if err = cmd.Start(); err == nil {
			return cmd.Wait()
		}
	}
	return fmt.Errorf("this machine allows no network namespaces: %w", err)
}
