package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"
)

// completionsCmd is parley completions: it prints what has a shell complete command lines of
// parley. The shell then asks this program, by its environment (COMP_LINE), so that it always
// knows the commands and flags that there are.
type completionsCmd struct {
	Shell string `arg:"" help:"Which shell: ${enum}. Put what is printed into ~/.bashrc, ~/.zshrc or ~/.config/fish/completions/parley.fish." enum:"bash,zsh,fish"`
}

// completionLines are what shells are told, with the path of this program.
var completionLines = map[string]string{
	"bash": "complete -C %[1]q parley\n",
	"zsh":  "autoload -U +X bashcompinit && bashcompinit\ncomplete -C %[1]q parley\n",
	"fish": `function __complete_parley
    set -lx COMP_LINE (commandline -cp)
    test -z (commandline -ct)
    and set COMP_LINE "$COMP_LINE "
    %[1]q
end
complete -f -c parley -a "(__complete_parley)"
`,
}

// Run prints them.
func (c *completionsCmd) Run(p *process) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, completionLines[c.Shell], self)
	return err
}

// completeLine answers a shell that asks how a command line may go on, and ends the program
// then.
func completeLine(parser *kong.Kong) {
	files := complete.PredictFiles("*")
	kongplete.Complete(parser, kongplete.WithPredictor("file", files), kongplete.WithPredictor("folder", complete.PredictDirs("*")))
}
