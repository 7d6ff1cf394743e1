-- job_submit.lua for Slurm's JobSubmitPlugins=lua: jobs that ask for an image go only to nodes with the feature
-- "sifguard". Put it beside slurm.conf on the controller, or copy its functions into the file that is there:
--
--   slurm.conf:  JobSubmitPlugins=lua
--                NodeName=node[1-64] Features=sifguard …
--
-- It sees what sbatch, salloc and srun ask of a new job. It does not see steps in a job that asked for nothing, nor jobs
-- of clients that hide the option; against these there are the plugin's own demand and `enforce` (see the
-- administrator's page).
local FEATURE = "sifguard"
local OPTION = "^_SLURM_SPANK_OPTION_sifguard_sif[-_]verify="

local function asks_for_image(spank_job_env)
   for _, variable in pairs(spank_job_env or {}) do
      if string.match(variable, OPTION) then return true end
   end
   return false
end

-- The constraint "features" with FEATURE added; nil where Slurm's language for them has no way to say it.
local function with_feature(features)
   if features == nil or features == "" then return FEATURE end
   for name in string.gmatch(features, "[^&]+") do
      if name == FEATURE then return features end
   end
   if string.find(features, "[%[%]*()]") then return nil end   -- counts, and alternatives for the whole job
   if string.find(features, "|", 1, true) then return "(" .. features .. ")&" .. FEATURE end
   return features .. "&" .. FEATURE
end

local function demand_feature(job, features)
   local wanted = with_feature(features)
   if wanted == nil then
      slurm.log_user("sifguard: --sif-verify needs nodes with the feature %s: write --constraint='(…)&%s' without counts",
                     FEATURE, FEATURE)
      return slurm.ERROR
   end
   job.features = wanted
   return slurm.SUCCESS
end

function slurm_job_submit(job, partitions, uid)
   if not asks_for_image(job.spank_job_env) then return slurm.SUCCESS end
   return demand_feature(job, job.features)
end

-- scontrol update job … Features=…
function slurm_job_modify(change, job, partitions, uid)
   if change.features == nil or not asks_for_image(job.spank_job_env) then return slurm.SUCCESS end
   return demand_feature(change, change.features)
end

return slurm.SUCCESS
