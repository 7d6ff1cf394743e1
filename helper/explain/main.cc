// sifguard-explain: the work of `sifctl explain --verify`, which starts it. Root, on a node. The
// image is opened by the opener as the user in question, and parsed in the sandboxed programs.
//
//   sifguard-explain --user USER --cwd DIR [--config FILE] [--account A] … IMAGE
//
// One JSON object on standard output, for every answer; another exit status than 0 means that it
// failed itself.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "helper/explain/verify_image.h"
#include "helper/process/limit_root.h"
#include "helper/tools/tool.h"
#include "keystore/base/json_values.h"
#include "keystore/base/run_program.h"
#include "keystore/base/secret.h"
#include "keystore/crypto/openssl_memory.h"
#include "keystore/policy/image_uri.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string config = SIFGUARD_CONFIG_FILE;
  ImageQuestion question;
};

Json json_of(const ImageAnswer& answer, const Status& outcome) {
  const char* decision = !outcome ? "refuse" : answer.warning.empty() ? "allow" : "warn";
  Json json = {
      {"decision", decision},
      {"status", outcome ? 0 : outcome.error().exit_status()},
      {"code", text_or_null(outcome ? "" : std::string(code_name(outcome.error().code())))},
      {"reason", text_or_null(outcome ? answer.warning : outcome.error().what())},
      {"remedy", text_or_null(outcome ? "" : outcome.error().remedy())},
      {"path", text_or_null(answer.path)},
      {"digest", text_or_null(answer.digest)},
      {"bindings", answer.bindings},
      {"signers", answer.signers},
      {"key", text_or_null(answer.key)},
      {"release", text_or_null(answer.release)},
      {"mount_driver", text_or_null(answer.driver)},
      {"break_glass", answer.break_glass},
      {"note", text_or_null(answer.note)}};
  return json;
}

/// A key was tried, perhaps: that is on record, as every use of one.
Status record(const ExplainOptions& options, const Config& config, const ImageAnswer& answer,
              const Status& outcome) {
  SG_TRY(AuditLog audit, AuditLog::open(config.audit_file, Trust{0}));
  AuditRecord entry;
  entry.event = "explain";
  entry.user = options.question.user;
  entry.image = without_password(options.question.image);
  entry.path = answer.path;
  entry.digest = answer.digest;
  entry.bindings = answer.bindings;
  entry.signers = answer.signers;
  entry.decision = outcome ? "allow" : "refuse";
  if (!outcome) {
    entry.code = code_name(outcome.error().code());
    entry.reason = outcome.error().what();
  }
  return audit.append(entry);
}

Status explain(const ExplainOptions& options, ImageAnswer& answer) {
  SG_TRY(const Config config, read_config(options.config));
  const std::string opener = own_program("sifguard-opener");
  const auto asked = [&]() -> Status {
    SG_TRY(const Node node, read_node(config));
    return verify_for(options.question, node, opener.substr(0, opener.rfind('/')), answer);
  };
  Status outcome = asked();
  SG_CHECK(record(options, config, answer, outcome));
  return outcome;
}

void add_options(CLI::App& app, ExplainOptions& o) {
  app.add_option("image", o.question.image)->required()->type_name("IMAGE");
  app.add_option("--user", o.question.user)->required();
  app.add_option("--cwd", o.question.cwd)->type_name("DIR");  // no use for an absolute name
  app.add_option("--config", o.config)->type_name("FILE");
  app.add_option("--account", o.question.account);
  app.add_option("--partition", o.question.partition);
  app.add_option("--qos", o.question.qos);
  app.add_option("--reservation", o.question.reservation)->type_name("NAME|''");
  app.add_option("--node", o.question.node);
}

int run(int argc, char** argv) {
  Tool tool("sifctl");
  Status ready = harden_process();
  if (ready) ready = protect_openssl_memory();
  if (ready) ready = limit_root();
  if (!ready) return tool.report(ready.error());
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  ::mkdir(SIFGUARD_RUN_DIR, 0755);
  ::chmod(SIFGUARD_RUN_DIR, 0755);
  ExplainOptions options;
  CLI::App app{"The work of sifctl explain --verify.", "sifguard-explain"};
  add_options(app, options);
  int status = 0;
  if (!tool.parse(app, argc, argv, status)) return status;
  ImageAnswer answer;
  const Status outcome = explain(options, answer);
  tool.print_json(json_of(answer, outcome));
  return tool.finish();
}

}  // namespace
}  // namespace sifguard

int main(int argc, char** argv) {
  return sifguard::run_tool("sifctl", sifguard::run, argc, argv);
}
