// What the plugin asks the helper, and the answer: the wire format between slurmstepd and
// `sifguard-helper`. Both ends run as root; the *values* come from the job's owner.
//
// The plugin side (encoding, in spank_plugin) needs libc only; the shared part has no containers of
// the standard library. See request_wire.h for the byte layout.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "helper/request/request_wire.h"
#include "keystore/base/error.h"

namespace sifguard {

struct Request {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary, as slurmstepd has them
  std::uint32_t job = 0, step = 0, node_id = 0;
  std::string cwd;                     ///< absolute; as getcwd() in the task
  std::string node;                    ///< host name
  std::string image;                   ///< --sif-verify; empty in a question about enforcement
  std::string signer;                  ///< --sif-signer, unparsed; empty when not given
  std::vector<std::string> binds;      ///< --sif-bind, one SRC[:DST[:ro]] each, unparsed
  std::vector<std::string> variables;  ///< --sif-env, one NAME[=VALUE] each, unparsed
  std::string workdir;                 ///< --sif-workdir; absolute or empty
  std::string batch_script;            ///< path of the batch script, batch steps only
  bool quiet = false, verbose = false, run = false, nv = false, rocm = false, contain = false;
  bool node_enforces = false;  ///< plugstack.conf says so
};

/// Parses a whole message and checks all limits. Errors: Code::internal (a defect of the plugin, or
/// another caller): unknown or repeated tags, lengths over the caps, missing fields, NUL bytes.
[[nodiscard]] Result<Request> decode_request(std::string_view message);

}  // namespace sifguard
