package main

import "golang.org/x/sys/windows"

// yieldToOthers gives this process a low priority.
func yieldToOthers() {
	_ = windows.SetPriorityClass(windows.CurrentProcess(), windows.BELOW_NORMAL_PRIORITY_CLASS)
}

// yieldToAll gives it the lowest one.
func yieldToAll() {
	_ = windows.SetPriorityClass(windows.CurrentProcess(), windows.IDLE_PRIORITY_CLASS)
}
