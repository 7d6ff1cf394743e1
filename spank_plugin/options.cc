// The user's options and the plugin's own arguments: Slurm's side. Every SPANK context.
#include "spank_plugin/options.h"

#include <sifguard/paths.h>

#include <cstring>

#include "helper/request/request_wire.h"

namespace sifguard {
namespace {

constexpr const char* kDefaultHelper = SIFGUARD_LIBEXEC_DIR "/sifguard-helper";

/// srun, sbatch and salloc stop on negative values only, so not ESPANK_ERROR.
constexpr int kFailure = -1;

enum Option : int { kVerify = 1, kBind, kQuiet };

/// One option's value and what is wrong with the last one given. Last one wins, here too: a good
/// value after a bad one mends it.
struct Value {
  char text[kMaxOption + 1];
  std::size_t size;
  bool given;
  const char* problem;
};

// All of it is set before slurmstepd forks the tasks, and only read after.
Value g_verify;
Value g_bind;
Options g_options;
const char* g_site_problem = nullptr;  // of plugstack.conf, or of our registration
bool g_unregistered = false;           // on a node: who asks for us can no longer be told

/// Whether failing is safe and useful: in a command of the user's own.
bool is_users_command() {
  const spank_context_t context = spank_context();
  return context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR;
}

void store(Value& value, std::string_view text, const char* problem) {
  value.given = true;
  value.problem = problem;
  value.size = problem == nullptr ? text.size() : 0;
  std::memcpy(value.text, text.data(), value.size);
}

int set_value(int option, const char* argument, int remote) {
  const std::string_view text = argument == nullptr ? "" : argument;
  const bool verify = option == kVerify;
  Value& value = verify ? g_verify : g_bind;
  store(value, text, verify ? image_problem(text) : bind_problem(text));
  if (remote != 0) return 0;  // Slurm would only log an error; the task refuses
  const char* const problem = g_site_problem != nullptr ? g_site_problem : value.problem;
  if (problem == nullptr) return 0;
  slurm_error("sifguard: %s", problem);
  return kFailure;
}

int set_quiet(int, const char*, int) {
  g_options.quiet = true;
  return 0;
}

/// The option table is not const in Slurm's eyes; it copies what it is given.
bool register_option(spank_t spank, const char* name, const char* argument, const char* usage,
                     Option value, spank_opt_cb_f callback) {
  struct spank_option option {};
  option.name = const_cast<char*>(name);         // NOLINT(cppcoreguidelines-pro-type-const-cast)
  option.arginfo = const_cast<char*>(argument);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  option.usage = const_cast<char*>(usage);       // NOLINT(cppcoreguidelines-pro-type-const-cast)
  option.has_arg = argument == nullptr ? 0 : 1;
  option.val = value;
  option.cb = callback;
  return spank_option_register(spank, &option) == ESPANK_SUCCESS;
}

bool register_options(spank_t spank) {
  // Not && : the others are still of use in --help.
  bool done = register_option(spank, "sif-verify", "IMAGE",
                              "[sifguard] verify the signed image IMAGE and run the tasks in it",
                              kVerify, set_value);
  done &= register_option(spank, "sif-bind", "SRC[:DST[:ro]],...",
                          "[sifguard] show SRC inside the image, at DST; needs --sif-verify", kBind,
                          set_value);
  done &=
      register_option(spank, "sif-quiet", nullptr,
                      "[sifguard] print no notices of the container runtime", kQuiet, set_quiet);
  return done;
}

/// The value of NAME=/absolute/path, or null.
const char* path_argument(const char* argument, std::string_view name) {
  if (std::strncmp(argument, name.data(), name.size()) != 0) return nullptr;
  const char* const path = argument + name.size();
  return path[0] == '/' ? path : nullptr;
}

void read_arguments(int ac, char** argv) {
  for (int i = 0; i < ac; ++i) {
    if (const char* helper = path_argument(argv[i], "helper=")) {
      g_options.helper = helper;
    } else if (const char* config = path_argument(argv[i], "config=")) {
      g_options.config = config;
    } else {
      slurm_error("sifguard: plugstack.conf: argument '%s' is not helper=/PATH or config=/PATH",
                  argv[i]);
      g_site_problem =
          "plugstack.conf gives sifguard an argument that it does not know; tell your "
          "administrator";
    }
  }
}

}  // namespace

int init_options(spank_t spank, int ac, char** argv) {
  g_verify.given = g_bind.given = false;
  g_verify.size = g_bind.size = 0;
  g_verify.problem = g_bind.problem = nullptr;
  g_options = Options{};
  g_options.helper = kDefaultHelper;
  g_site_problem = nullptr;
  g_unregistered = false;

  read_arguments(ac, argv);
  if (register_options(spank)) return ESPANK_SUCCESS;
  slurm_error("sifguard: Slurm did not take the --sif-* options");
  g_site_problem = "sifguard could not register its options; tell your administrator";
  if (is_users_command()) return kFailure;
  g_unregistered = true;
  return ESPANK_SUCCESS;
}

int check_options() {
  if (!is_users_command() || !g_bind.given || g_verify.given) return ESPANK_SUCCESS;
  slurm_error("sifguard: --sif-bind needs --sif-verify");
  return kFailure;
}

bool is_requested() noexcept {
  return g_verify.given || g_bind.given || g_unregistered;
}

const Options& options() noexcept {
  g_options.image = {g_verify.text, g_verify.size};
  g_options.binds = {g_bind.text, g_bind.size};
  return g_options;
}

Refusal options_refusal() noexcept {
  if (g_site_problem != nullptr) return {wire::kExitConfig, g_site_problem};
  if (g_verify.problem != nullptr) return {wire::kExitUsage, g_verify.problem};
  if (g_bind.problem != nullptr) return {wire::kExitUsage, g_bind.problem};
  if (!g_verify.given) return {wire::kExitUsage, "--sif-bind needs --sif-verify"};
  return {};
}

}  // namespace sifguard
