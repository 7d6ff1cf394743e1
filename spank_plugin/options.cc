// The user's options and the plugin's own arguments: Slurm's side. Every SPANK context.
#include "spank_plugin/options.h"

#include <sifguard/paths.h>

#include <array>
#include <cerrno>  // program_invocation_short_name
#include <cstring>

#include "helper/request/request_wire.h"
#include "spank_plugin/option_defaults.h"
#include "spank_plugin/option_form.h"

namespace sifguard {
namespace {

constexpr const char* kEnforce = "enforce";
constexpr const char* kDefaultHelper = SIFGUARD_LIBEXEC_DIR "/sifguard-helper";

/// srun, sbatch and salloc stop on negative values only, so not ESPANK_ERROR.
constexpr int kFailure = -1;

enum Option : std::size_t {
  kVerify,
  kSigner,
  kAction,
  kBind,
  kWorkdir,
  kEnv,
  kNv,
  kRocm,
  kContain,
  kQuiet,
  kVerbose,
  kOptionCount
};

struct Spec {
  const char* name;
  const char* argument;  ///< of --help; null for one that takes none
  const char* usage;
  const char* (*problem)(std::string_view) noexcept;  ///< null likewise
  bool needs_image;                                   ///< means nothing without --sif-verify
};

constexpr std::array<Spec, kOptionCount> kSpecs = {{
    {"sif-verify", "IMAGE", "[sifguard] verify the signed image IMAGE and run the tasks in it",
     image_problem, false},
    {"sif-signer", "FPR", "[sifguard] demand a signature by this signer of the image's binding",
     signer_problem, true},
    {"sif-action", "exec|run", "[sifguard] run the command (exec), or the image's runscript (run)",
     action_problem, true},
    {"sif-bind", "SRC[:DST[:ro]],...", "[sifguard] show SRC inside the image, at DST", bind_problem,
     true},
    {"sif-workdir", "DIR", "[sifguard] start in DIR inside the image", workdir_problem, true},
    {"sif-env", "NAME[=VALUE],...", "[sifguard] set variables inside the image, over its own",
     env_problem, true},
    {"sif-nv", nullptr, "[sifguard] make NVIDIA GPUs usable inside the image", nullptr, true},
    {"sif-rocm", nullptr, "[sifguard] make AMD GPUs usable inside the image", nullptr, true},
    {"sif-contain", nullptr, "[sifguard] keep the node's /tmp, /dev/shm and home out of the image",
     nullptr, true},
    {"sif-quiet", nullptr, "[sifguard] print errors alone, no warnings and no notices", nullptr,
     false},
    {"sif-verbose", nullptr, "[sifguard] print the container runtime's notices, too", nullptr,
     false},
}};

/// One option's value and what is wrong with the last one given. Last one wins, here too: a good
/// value after a bad one mends it.
struct Value {
  char text[kMaxOption + 1];
  std::size_t size;
  int times;         ///< how often it was given
  int times_before;  ///< the same, before the component of a heterogeneous step that is being read
  bool differs;      ///< a later component gave another value
  const char* problem;
};

// All of it is set before slurmstepd forks the tasks, and only read after.
std::array<Value, kOptionCount> g_values;
std::array<bool, kOptionCount> g_defaulted;  // by a variable, in the user's commands
std::array<bool, kOptionCount> g_bad_flag;   // its variable is no word for a flag; likewise
int g_components = 0;  // of a heterogeneous step or job, in the user's commands: read so far
Options g_options;
const char* g_site_problem = nullptr;  // of plugstack.conf, or of our registration
bool g_unregistered = false;           // on a node: who asks for us can no longer be told

/// Whether failing is safe and useful: in a command of the user's own.
bool is_users_command() {
  const spank_context_t context = spank_context();
  return context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR;
}

/// scrontab reads options as sbatch does, but forgets those of plugins: its jobs would run on the
/// host. Only a help for users, who can give a program another name.
bool is_scrontab() {
  return spank_context() == S_CTX_ALLOCATOR &&
         std::strcmp(program_invocation_short_name, "scrontab") == 0;
}

const char* program_problem() {
  if (!is_scrontab()) return nullptr;
  return "scrontab loses the options of plugins, and the job would run without the image: write "
         "srun --sif-verify=IMAGE COMMAND as the entry's command";
}

bool is_given(Option option) {
  return g_values[option].times > 0;
}

std::string_view text_of(Option option) {
  return {g_values[option].text, g_values[option].size};
}

int set_value(int option, const char* argument, int remote) {
  if (option < 0 || option >= static_cast<int>(kOptionCount)) return kFailure;
  const auto index = static_cast<std::size_t>(option);
  Value& value = g_values[index];
  const std::string_view text = argument == nullptr ? "" : argument;
  const bool takes_value = kSpecs[index].argument != nullptr;
  const bool same =
      value.times > 0 && (!takes_value || text == std::string_view(value.text, value.size));
  if (g_components > 0 && !same) value.differs = true;
  ++value.times;
  value.problem = kSpecs[index].problem == nullptr ? nullptr : kSpecs[index].problem(text);
  value.size = value.problem == nullptr && takes_value ? text.size() : 0;
  std::memcpy(value.text, text.data(), value.size);
  if (remote != 0) return 0;  // Slurm would only log an error; the task refuses
  const char* problem = program_problem();
  if (problem == nullptr) problem = g_site_problem != nullptr ? g_site_problem : value.problem;
  if (problem == nullptr) return 0;
  // A default waits for an image: what is wrong with it is said when one is asked for.
  if (g_defaulted[index] && is_default(kSpecs[index].name, text)) return 0;
  slurm_error("sifguard: %s", problem);
  return kFailure;
}

/// The option table is not const in Slurm's eyes; it copies what it is given.
bool register_option(spank_t spank, const Spec& spec, std::size_t index) {
  struct spank_option option {};
  // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast)
  option.name = const_cast<char*>(spec.name);
  option.arginfo = const_cast<char*>(spec.argument);
  option.usage = const_cast<char*>(spec.usage);
  // NOLINTEND(cppcoreguidelines-pro-type-const-cast)
  option.has_arg = spec.argument == nullptr ? 0 : 1;
  option.val = static_cast<int>(index);
  option.cb = set_value;
  return spank_option_register(spank, &option) == ESPANK_SUCCESS;
}

bool register_options(spank_t spank) {
  bool done = true;
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    done &= register_option(spank, kSpecs[i], i);  // not &&: the others are still of use in --help
  }
  return done;
}

void take_defaults() {
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const Default found = take_default(kSpecs[i].name, kSpecs[i].argument == nullptr);
    g_defaulted[i] = found == Default::taken;
    g_bad_flag[i] = found == Default::bad;
  }
}

/// Of a step that asks for an image: what the user relies on must not be lost in silence. False,
/// and said, when a variable has a value that no option takes and that nothing has replaced.
bool check_defaults() {
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const char* problem = g_defaulted[i] ? g_values[i].problem : nullptr;
    if (g_defaulted[i] && g_site_problem != nullptr) problem = g_site_problem;
    if (g_defaulted[i] && g_values[i].times == 0) problem = "Slurm did not take it";
    if (g_bad_flag[i] && g_values[i].times == 0) problem = "neither 1 nor 0";
    if (problem == nullptr) continue;
    complain_of_default(kSpecs[i].name, problem);
    return false;
  }
  return true;
}

/// Whether the component that has just been read asks for something else than the one before it.
/// Slurm keeps one value of an option for all components, the last one given. A batch script runs
/// in the first alone, so sbatch's others need not repeat it.
bool is_other_than_before(Option option) {
  const Value& value = g_values[option];
  const bool typed_before = value.times_before > (g_defaulted[option] ? 1 : 0);
  const bool missing = typed_before && value.times == value.times_before;
  return value.differs || (missing && spank_context() == S_CTX_LOCAL);
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
    } else if (const char* state = path_argument(argv[i], "state=")) {
      g_options.state = state;
    } else if (std::strcmp(argv[i], kEnforce) == 0) {
      g_options.enforce = true;
    } else {
      slurm_error(
          "sifguard: plugstack.conf: argument '%s' is not enforce, helper=/PATH, config=/PATH or "
          "state=/PATH",
          argv[i]);
      g_options.enforce = g_options.enforce || is_nearly(argv[i], kEnforce);
      g_site_problem =
          "plugstack.conf gives sifguard an argument that it does not know; tell your "
          "administrator";
    }
  }
}

}  // namespace

int init_options(spank_t spank, int ac, char** argv) {
  for (Value& value : g_values) {
    value.size = 0;
    value.times = 0;
    value.times_before = 0;
    value.differs = false;
    value.problem = nullptr;
  }
  g_components = 0;
  g_defaulted.fill(false);
  g_bad_flag.fill(false);
  g_options = Options{};
  g_options.helper = kDefaultHelper;
  g_site_problem = nullptr;
  g_unregistered = false;

  read_arguments(ac, argv);
  if (register_options(spank)) {
    if (is_users_command() && !is_scrontab()) take_defaults();
    return ESPANK_SUCCESS;
  }
  slurm_error("sifguard: Slurm did not take the --sif-* options");
  g_site_problem = "sifguard could not register its options; tell your administrator";
  if (is_users_command()) return kFailure;
  g_unregistered = true;
  return ESPANK_SUCCESS;
}

int check_options() {
  if (!is_users_command()) return ESPANK_SUCCESS;
  const auto fail = [](const char* name, const char* what) {
    slurm_error("sifguard: --%s%s", name, what);
    return kFailure;
  };
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    if (g_defaulted[i]) forget_default(kSpecs[i].name);
  }
  if (asks_for_image() && !check_defaults()) return kFailure;
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    if (g_components > 0 && is_other_than_before(static_cast<Option>(i))) {
      return fail(kSpecs[i].name,
                  ": Slurm keeps one value for all components of a heterogeneous step; give it to "
                  "each alike, or start each component by an srun of its own");
    }
    g_values[i].times_before = g_values[i].times;
  }
  ++g_components;
  if (asks_for_image()) return ESPANK_SUCCESS;
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    // A default waits for an image; only what was typed for nothing is a mistake.
    const bool typed = g_values[i].times > (g_defaulted[i] ? 1 : 0);
    if (typed && kSpecs[i].needs_image) return fail(kSpecs[i].name, " needs --sif-verify");
  }
  return ESPANK_SUCCESS;
}

bool asks_for_image() noexcept {
  return is_given(kVerify) || g_defaulted[kVerify] || is_inherited(kSpecs[kVerify].name);
}

bool is_requested() noexcept {
  return is_given(kVerify) || g_unregistered;
}

const Options& options() noexcept {
  g_options.image = text_of(kVerify);
  g_options.signer = text_of(kSigner);
  g_options.binds = text_of(kBind);
  g_options.workdir = text_of(kWorkdir);
  g_options.env = text_of(kEnv);
  g_options.run = text_of(kAction) == "run";
  g_options.nv = is_given(kNv);
  g_options.rocm = is_given(kRocm);
  g_options.contain = is_given(kContain);
  g_options.verbose = is_given(kVerbose);
  g_options.quiet = is_given(kQuiet) && !g_options.verbose;
  return g_options;
}

Refusal options_refusal() noexcept {
  if (g_site_problem != nullptr) return {wire::kExitConfig, g_site_problem};
  for (const Value& value : g_values) {
    if (value.problem != nullptr) return {wire::kExitUsage, value.problem};
  }
  return {};
}

}  // namespace sifguard
