// Whether a user's contained processes can take over processes that run for the user outside. Any
// privilege.
#include "keystore/policy/hardening.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <set>

namespace sifguard {
namespace {

/// What Apptainer and SingularityCE start as the user when they run an image: FUSE servers, what
/// unpacks where there are none, and what finds a GPU's libraries.
constexpr std::array<const char*, 9> kStartedByRuntimes = {
    "gocryptfs", "squashfuse", "squashfuse_ll",       "fuse2fs", "fuse-overlayfs", "unsquashfs",
    "ldconfig",  "rocminfo",   "nvidia-container-cli"};

constexpr std::array<const char*, 3> kOwn = {"sifguard-launch", "sifguard-opener",
                                             "sifguard-puller"};

int setting(const HardeningPlaces& places, const std::string& name) {
  std::ifstream file(places.sysctl + "/" + name);
  int value = 0;
  return file >> value ? value : 0;
}

/// A list that grants reading shows in the group's bits as its mask.
bool is_traceable(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return false;
  return (st.st_mode & (S_IRGRP | S_IROTH)) != 0 && (st.st_mode & S_ISUID) == 0;
}

void add(std::set<std::string>& found, const std::string& path) {
  if (!is_traceable(path)) return;
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  found.insert(real ? std::string(real.get()) : path);
}

/// What is executed is then its interpreter, which users can read.
bool is_script(const std::string& path) {
  std::ifstream file(path);
  return file.get() == '#' && file.get() == '!';
}

/// A few by name, for one line.
std::string listed(const std::vector<std::string>& programs) {
  constexpr std::size_t kNamed = 8;
  std::string list;
  for (std::size_t i = 0; i < programs.size() && i < kNamed; ++i) {
    list += (i == 0 ? "" : " ") + programs[i];
  }
  return programs.size() > kNamed ? list + " …" : list;
}

}  // namespace

int yama_scope(const HardeningPlaces& places) {
  return setting(places, "kernel/yama/ptrace_scope");
}

bool suid_dumpable(const HardeningPlaces& places) {
  return setting(places, "fs/suid_dumpable") == 1;
}

std::vector<std::string> traceable_programs(const std::string& runtime,
                                            const HardeningPlaces& places) {
  std::set<std::string> found;
  add(found, runtime);
  for (const char* const name : kOwn) add(found, places.own + "/" + name);
  for (const std::string& place : places.programs) {
    for (const char* const name : kStartedByRuntimes) add(found, place + "/" + name);
  }
  return {found.begin(), found.end()};
}

Status check_hardening(const std::string& runtime, const HardeningPlaces& places) {
  if (yama_scope(places) >= 1) return {};
  if (suid_dumpable(places)) {
    return fail(Code::config,
                "this node enforces images, but users can trace what starts them: "
                "fs.suid_dumpable is 1",
                "sysctl fs.suid_dumpable=0 (or 2)");
  }
  const auto programs = traceable_programs(runtime, places);
  if (programs.empty()) return {};
  const bool scripts = std::any_of(programs.begin(), programs.end(), is_script);
  return fail(
      Code::config,
      "this node enforces images, but users can trace what starts them: " + listed(programs),
      scripts ? "sysctl kernel.yama.ptrace_scope=1, since scripts cannot be execute-only"
              : "chmod 0711 these, or sysctl kernel.yama.ptrace_scope=1");
}

}  // namespace sifguard
