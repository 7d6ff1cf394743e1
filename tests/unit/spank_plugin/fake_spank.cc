// Stands in for Slurm: the functions that the plugin takes from the process that loads it.
#include "tests/unit/spank_plugin/fake_spank.h"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <list>
#include <utility>

namespace fake {
namespace {

std::list<std::string> g_arguments;  // Slurm, too, keeps them as long as the plugin is loaded
std::vector<char*> g_argv, g_environment;

std::vector<char*>& pointers(std::vector<std::string>& strings, std::vector<char*>& list) {
  list.clear();
  for (std::string& text : strings) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::string format(const char* pattern, va_list values) {
  char text[4096];
  std::vsnprintf(text, sizeof text, pattern, values);
  return std::string(text) + "\n";
}

}  // namespace

Slurm& slurm() {
  static Slurm instance;
  return instance;
}

spank_t handle() {
  return reinterpret_cast<spank_t>(&slurm());
}

int start(spank_context_t context, std::vector<std::string> arguments) {
  slurm() = Slurm{};
  slurm().context = context;
  std::vector<char*> list;
  for (std::string& argument : arguments) {
    list.push_back(g_arguments.emplace_back(std::move(argument)).data());
  }
  return slurm_spank_init(handle(), static_cast<int>(list.size()), list.data());
}

int give(const std::string& name, const char* value, bool remote) {
  for (const Registered& option : slurm().options) {
    if (option.name == name) return option.callback(option.val, value, remote ? 1 : 0);
  }
  return -99;
}

}  // namespace fake

using fake::slurm;

namespace {

// Macros that are plain numbers in some releases and enumerators in others.
constexpr auto kSuccess = static_cast<spank_err_t>(ESPANK_SUCCESS);
constexpr auto kBadArgument = static_cast<spank_err_t>(ESPANK_BAD_ARG);
constexpr auto kNotAvailable = static_cast<spank_err_t>(ESPANK_NOT_AVAIL);

}  // namespace

extern "C" {

spank_context_t spank_context(void) {
  return slurm().context;
}

spank_err_t spank_option_register(spank_t, struct spank_option* option) {
  if (slurm().refuses_registration) return kBadArgument;
  slurm().options.push_back({option->name, option->arginfo == nullptr ? "" : option->arginfo,
                             option->usage, option->has_arg, option->val, option->cb});
  return kSuccess;
}

spank_err_t spank_get_item(spank_t, spank_item_t item, ...) {
  ++slurm().calls;
  if (slurm().unavailable.count(item) != 0) return kNotAvailable;
  va_list out;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvarargs"  // an enum before the "…" is how Slurm declares it
  va_start(out, item);
#pragma GCC diagnostic pop
  spank_err_t status = kSuccess;
  switch (item) {
    case S_JOB_UID:
      *va_arg(out, uid_t*) = slurm().uid;
      break;
    case S_JOB_GID:
      *va_arg(out, gid_t*) = slurm().gid;
      break;
    case S_JOB_SUPPLEMENTARY_GIDS:
      *va_arg(out, gid_t**) = slurm().groups.data();
      *va_arg(out, int*) = static_cast<int>(slurm().groups.size());
      break;
    case S_JOB_ID:
      *va_arg(out, std::uint32_t*) = slurm().job;
      break;
    case S_JOB_STEPID:
      *va_arg(out, std::uint32_t*) = slurm().step;
      break;
    case S_JOB_NODEID:
      *va_arg(out, std::uint32_t*) = slurm().node_id;
      break;
    case S_TASK_ID:
      *va_arg(out, int*) = slurm().local_task;
      break;
    case S_TASK_EXIT_STATUS:
      *va_arg(out, int*) = slurm().task_status;
      break;
    case S_TASK_GLOBAL_ID:
      *va_arg(out, std::uint32_t*) = slurm().task;
      break;
    case S_JOB_ARGV:
      if (!slurm().words.empty()) {
        *va_arg(out, int*) = static_cast<int>(slurm().words.size()) - 1;
        *va_arg(out, char***) = slurm().words.data();
        break;
      }
      *va_arg(out, int*) = static_cast<int>(slurm().argv.size());
      *va_arg(out, char***) = fake::pointers(slurm().argv, fake::g_argv).data();
      break;
    case S_JOB_ENV:
      *va_arg(out, char***) = fake::pointers(slurm().environment, fake::g_environment).data();
      break;
    default:
      status = kBadArgument;
  }
  va_end(out);
  return status;
}

#if SIFGUARD_HAVE_PREPEND_ARGV
spank_err_t spank_prepend_task_argv(spank_t, int argc, const char* argv[]) {
  if (slurm().refuses_prepend) return kBadArgument;
  slurm().prepended.assign(argv, argv + argc);
  return kSuccess;
}
#endif

void slurm_error(const char* pattern, ...) {
  va_list values;
  va_start(values, pattern);
  slurm().errors += fake::format(pattern, values);
  va_end(values);
}

void slurm_info(const char* pattern, ...) {
  va_list values;
  va_start(values, pattern);
  slurm().infos += fake::format(pattern, values);
  va_end(values);
}

}  // extern "C"
