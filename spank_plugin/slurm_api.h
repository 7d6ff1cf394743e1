// Slurm's SPANK interface, included in the one way that works from C++. Every SPANK context.
//
// spank.h declares its callbacks outside its own extern "C" block, and what it declares must be
// visible to Slurm although everything else of ours is hidden.
#pragma once

#pragma GCC visibility push(default)
extern "C" {
#include <slurm/slurm.h>
#include <slurm/spank.h>

// SPANK_PLUGIN() defines these as constants, which C++ would keep to itself.
extern const char plugin_name[];
extern const char plugin_type[];
extern const unsigned int plugin_version;
extern const unsigned int spank_plugin_version;

#if SIFGUARD_HAVE_PREPEND_ARGV
// Slurm's own since 23.11; repeated so that the tests can be built against any.
spank_err_t spank_prepend_task_argv(spank_t spank, int argc, const char* argv[]);
#endif
}
#pragma GCC visibility pop
