// sifctl image prefetch: makes nodes stage an image ahead of jobs, in a job of root. Runs with the
// rights of the admin; srun does the work.
#include "keystore/cli/commands.h"

#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/absolute_path.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/text.h"
#include "keystore/cli/foreground.h"
#include "keystore/cli/session.h"
#include "keystore/doctor/ask_program.h"
#include "keystore/policy/config.h"
#include "keystore/policy/image_name.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

struct PrefetchOptions {
  std::string image, nodes, user, config = SIFGUARD_CONFIG_FILE;
  std::vector<std::string> srun;
};

Result<std::string> whole_name(const std::string& image, const Config& config) {
  const std::string directory = working_directory().value_or("");
  SG_TRY(const ImageName name, ImageName::of(directory, image, config.library));
  return name.text();
}

/// The nodes have said why, each for itself; this is for the record, and the exit status.
Status outcome(int status, const std::string& nodes) {
  if (status == 0) return {};
  return fail(code_of_launch_status(status).value_or(Code::unavailable),
              "not every node of " + nodes + " has the image: srun ended with status " +
                  std::to_string(status),
              "see what was said before");
}

Status prefetch(const Session& session, const PrefetchOptions& options) {
  SG_TRY(const Config config, load_config(options.config, Session::trust()));
  SG_TRY(const std::string image, whole_name(options.image, config));
  const std::string srun = slurm_program(config, "srun");
  SG_CHECK(check_trusted_program(srun, Session::trust()));
  std::vector<std::string> words = {srun,
                                    "--nodelist=" + options.nodes,
                                    "--ntasks-per-node=1",
                                    "--job-name=sifguard-prefetch",
                                    "--chdir=/",
                                    "--export=NONE"};
  words.insert(words.end(), options.srun.begin(), options.srun.end());
  words.emplace_back(SIFGUARD_LIBEXEC_DIR "/sifguard-prefetch");
  words.insert(words.end(), {"--config", options.config});
  if (!options.user.empty()) words.insert(words.end(), {"--as", options.user});
  words.push_back(image);
  session.answer("prefetch", {{"image", image}, {"nodes", options.nodes}});
  SG_TRY(const int status, run_in_foreground(words, session.json ? STDERR_FILENO : STDOUT_FILENO));
  return outcome(status, options.nodes);
}

}  // namespace

void add_image_prefetch(CLI::App& image, Session& session) {
  auto* command = image.add_subcommand("prefetch", "Make nodes stage an image ahead of jobs");
  command->footer(R"(
This submits a job as root that opens the image as USER on each node, verifies it under its bindings and
keeps it, rekeyed, in the node's cache until the node restarts or the cache needs the room. Jobs then
start without copying it. With `preloaded: true` in its binding they start in no other way, and get the
prefetched image, even if the file at that path has changed.
  sifctl image prefetch /apps/secure/lolcow.sif --nodes 'node[1-64]'
  sifctl image prefetch oras://registry.example.org/site/lolcow:1 --nodes node1 --as alice \
         --srun=--partition=secure)");
  const auto o = std::make_shared<PrefetchOptions>();
  command->add_option("image", o->image, "A path on the nodes, or a URI")
      ->required()
      ->type_name("IMAGE");
  command->add_option("--nodes", o->nodes, "As srun --nodelist takes them")
      ->required()
      ->type_name("LIST");
  command->add_option("--as", o->user, "Who opens it; else the account that reads images")
      ->type_name("USER");
  command->add_option("--srun", o->srun, "An option for srun, such as --partition=P")
      ->type_name("OPTION");
  command->add_option("--config", o->config, "The nodes' configuration")
      ->type_name("FILE")
      ->capture_default_str();
  session.on_change(command, [&session, o] { return prefetch(session, *o); });
}

}  // namespace sifguard
