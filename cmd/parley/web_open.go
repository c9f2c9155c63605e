package main

import (
	"os/exec"
	"runtime"

	"parley/eventloop/client/web"
)

// openPage has the browser open a page. The command line of a process can be read by all users
// of the machine, and the address has the token: so what is opened is a file for its owner
// only, which leads there.
func openPage(p *process, folder, url string) {
	path, err := web.WriteWay(folder, url)
	if err == nil {
		cmd := opener(path)
		if err = cmd.Start(); err == nil {
			go func() { _ = cmd.Wait() }()
			return
		}
	}
	p.log.Warn("the browser cannot be opened: open the address yourself", "error", err)
}

// opener is the command of the system that opens a file as a person would.
func opener(path string) *exec.Cmd {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", path)
	case "darwin":
		return exec.Command("/usr/bin/open", path)
	}
	return exec.Command("xdg-open", path)
}
