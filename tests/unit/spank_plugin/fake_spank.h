// Stands in for Slurm: what it would tell the plugin, and what the plugin did to it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "spank_plugin/slurm_api.h"

namespace fake {

struct Registered {
  std::string name, arginfo, usage;
  int has_arg = 0;
  int val = 0;
  spank_opt_cb_f callback = nullptr;
};

struct Slurm {
  // what it tells
  spank_context_t context = S_CTX_REMOTE;
  uid_t uid = 1001;
  gid_t gid = 1002;
  std::vector<gid_t> groups{1002, 2000};
  std::uint32_t job = 42, step = 0, node_id = 1, task = 5;
  int local_task = 0;
  int task_status = 0;  ///< as wait() gives it
  std::vector<std::string> argv{"cowsay", "hi there"};
  std::vector<char*> words;  ///< what it tells instead, if not empty; ends with a null pointer
  std::vector<std::string> environment{"JOB_VARIABLE=1"};
  std::set<int> unavailable;  ///< spank_item_t values that fail
  bool refuses_registration = false;
  bool refuses_prepend = false;
  // what was done
  std::vector<Registered> options;
  std::vector<std::string> prepended;
  std::string errors;  ///< slurm_error() messages, a line each
  std::string infos;
  int calls = 0;  ///< of spank_get_item
};

/// The one Slurm of this process.
Slurm& slurm();

/// A fresh one that has called slurm_spank_init with `arguments` in `context`; returns its value.
int start(spank_context_t context, std::vector<std::string> arguments = {});

/// Calls option `name`'s callback as Slurm would; -99 when there is no such option.
int give(const std::string& name, const char* value, bool remote = true);

/// The handle that the hooks take.
spank_t handle();

}  // namespace fake
