// sifguard-publish: the work of `sifctl image publish`, which starts it. Runs as the owner of the
// keystore, root on an admin's host; the image is read by the sandboxed verifier until it is
// verified.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "helper/pipeline/person.h"
#include "helper/process/limit_root.h"
#include "helper/publish/publish.h"
#include "helper/tools/progress.h"
#include "helper/tools/tool.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/fd.h"
#include "keystore/base/one_line.h"
#include "keystore/base/run_program.h"
#include "keystore/base/text.h"
#include "keystore/crypto/openssl_memory.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

struct Options {
  int report_fd = -1;  // where sifctl waits for what went wrong
  std::string keystore, config = SIFGUARD_CONFIG_FILE;
  PublishRequest request;
};

Result<Node> read_publisher(const Options& options) {
  const Trust trust{::geteuid()};
  SG_TRY(Config config, load_config(options.config, trust));
  SG_TRY(Keystore keystore, Keystore::open(options.keystore, trust));
  auto policy = PolicyReader::load(keystore);
  if (!policy) return tl::unexpected(std::move(policy).error().prepend(options.keystore));
  return Node{std::move(config), std::move(keystore), *std::move(policy)};
}

Result<ExamineOptions> examination_for(const Config& config) {
  ExamineOptions examination;
  const std::string verifier = own_program("sifguard-verifier");
  examination.libexec_dir = verifier.substr(0, verifier.rfind('/'));
  examination.gpg = config.gpg;
  examination.scratch_dir = "/tmp";
  examination.deadline_ms = monotonic_ms() + std::int64_t{config.verify_timeout_s} * 1000;
  if (::geteuid() == 0) {
    SG_TRY(examination.identity, find_service_account(config.verifier_user));
  }
  return examination;
}

void show(const Tool& tool, const Publication& made, bool dry_run) {
  if (tool.json) {
    using Json = nlohmann::ordered_json;
    const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return tool.print_json({{"source", made.source},
                            {"bound_by", made.bound_by},
                            {"signers", made.verified},
                            {"path", made.path},
                            {"binding", made.binding},
                            {"digest", or_null(made.digest)},
                            {"site_signer", or_null(made.signer)},
                            {"key", or_null(made.key)}});
  }
  std::string signers;
  for (const std::string& signer : made.verified) signers += (signers.empty() ? "" : ", ") + signer;
  tool.out("verified   " + printable(made.source) + "\n");
  tool.out("signed by  " + printable(signers) + "\n");
  tool.out("binding    " + made.bound_by + "\n");
  if (dry_run) return tool.out("would be published as " + printable(made.path) + "\n");
  tool.out("published  " + printable(made.path) + "\n");
  tool.out("digest     " + made.digest + "\n");
  tool.out("signer     " + made.signer + "\n");
  if (!made.key.empty()) tool.out("key        " + made.key + "\n");
  tool.out("bound as   " + made.binding + "\n");
}

Status publish(const Tool& tool, Options& options) {
  SG_TRY(Node node, read_publisher(options));
  SG_TRY(const ExamineOptions examination, examination_for(node.config));
  std::optional<Progress> bar;  // of what is done at the moment; the line is wiped with it
  options.request.trust = Trust{::geteuid()};
  options.request.on_phase = [&](const char* what, std::uint64_t total) {
    bar.reset();
    bar.emplace(what, total, !tool.quiet);
  };
  options.request.on_done = [&](std::uint64_t bytes) { bar->advance(bytes); };
  const auto made = publish_image(options.request, node, examination);
  bar.reset();
  if (!made) return tl::unexpected(made.error());
  show(tool, *made, options.request.dry_run);
  return {};
}

int report(const Tool& tool, const Options& options, const Error& error) {
  const std::string lines = one_line(error.what()) + "\n" + one_line(error.remedy());
  if (options.report_fd >= 0 && write_all(options.report_fd, lines, "the report")) {
    return command_status(error);
  }
  return tool.report(error);
}

int run(int argc, char** argv) {
  Tool tool("sifctl");
  Status ready = harden_process();
  if (ready) ready = protect_openssl_memory();
  if (ready) ready = limit_root();
  if (!ready) return tool.report(ready.error());
  ::umask(077);
  Options options;
  CLI::App app{"The work of sifctl image publish.", "sifguard-publish"};
  app.add_option("image", options.request.image)->required()->type_name("IMAGE");
  app.add_option("--keystore", options.keystore)->required()->type_name("DIR");
  app.add_option("--config", options.config)->type_name("FILE");
  app.add_option("--name", options.request.name);
  app.add_option("--report-fd", options.report_fd);
  app.add_flag("--dry-run", options.request.dry_run);
  app.add_flag("--json", tool.json);
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  if (options.report_fd >= 0) ::fcntl(options.report_fd, F_SETFD, FD_CLOEXEC);
  const Status done = publish(tool, options);
  return done ? tool.finish() : report(tool, options, done.error());
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run_tool("sifctl", sifguard::run, argc, argv);
}
