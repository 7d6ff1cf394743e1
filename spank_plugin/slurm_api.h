// Slurm's SPANK interface, included in the one way that works from C++. Every SPANK context.
//
// spank.h declares its callbacks outside its own extern "C" block, and these must be visible to
// Slurm although all our other symbols are hidden.
#pragma once

#pragma GCC visibility push(default)
extern "C" {
#include <slurm/slurm.h>
#include <slurm/spank.h>

// SPANK_PLUGIN() defines these as constants, which have internal linkage in C++ without these
// declarations.
extern const char plugin_name[];
extern const char plugin_type[];
extern const unsigned int plugin_version;
extern const unsigned int spank_plugin_version;

#if SIFGUARD_HAVE_PREPEND_ARGV
// Slurm declares this since 23.11; it is repeated so that the tests can be built against any
// version.
spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char* argv[]);
#endif
}
#pragma GCC visibility pop
