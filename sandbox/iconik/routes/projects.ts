import { toJson } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { newId } from '../ids.ts';
import type { Call } from '../kit.ts';
import {
  acceptedOrNoContent,
  chosenRefusal,
  created,
  fieldError,
  noContent,
  notFound,
  nowIso,
  ok,
  param,
  recordWrite,
  requiredText,
  text,
} from '../kit.ts';
import { page } from '../paging.ts';
import type { Route } from '../router.ts';
import { projectView } from '../shapes.ts';
import type { Project } from '../state.ts';
import { addCollection } from './collections.ts';

function pathProject(call: Call): Project {
  const project = call.state.projects[param(call, 'id')];
  if (!project) throw notFound('Project');
  return project;
}

/** A project on a given collection, or with a new one of its name (below `collection_parent_id`). */
function create(call: Call): Reply {
  const name = requiredText(call.body, 'name');
  const given = text(call.body, 'collection_id');
  if (given && !call.state.collections[given]) throw fieldError('collection_id', 'Collection does not exist.');
  const parent = text(call.body, 'collection_parent_id') ?? null;
  if (parent && !call.state.collections[parent]) throw fieldError('collection_parent_id', 'Collection does not exist.');
  const collection = given ? call.state.collections[given] : addCollection(call, { title: name }, parent);
  if (!collection) throw notFound('Collection');
  const now = nowIso(call);
  const project: Project = {
    id: newId(),
    name,
    collection_id: collection.id,
    storage_id: text(call.body, 'storage_id') ?? null,
    created_by_user: call.me.id,
    members: {},
    date_created: now,
    date_modified: now,
  };
  collection.project_id = project.id;
  call.state.projects[project.id] = project;
  call.ctx.write({ object: 'project', id: project.id, before: null, after: toJson(project) });
  return created(projectView(call.state, project));
}

function edit(call: Call): Reply {
  const project = pathProject(call);
  const before = structuredClone(project);
  const storage = text(call.body, 'storage_id');
  Object.assign(project, { name: requiredText(call.body, 'name'), date_modified: nowIso(call) });
  if (storage !== undefined) project.storage_id = storage;
  recordWrite(call.ctx, 'project', project.id, before, project);
  return ok(projectView(call.state, project));
}

function remove(call: Call): Reply {
  const project = pathProject(call);
  delete call.state.projects[project.id];
  call.ctx.write({ object: 'project', id: project.id, before: toJson(project), after: null });
  return acceptedOrNoContent(call);
}

function memberView(call: Call, project: Project, id: string): object {
  const member = project.members[id];
  if (!member) throw notFound('Project member');
  const { created_by_user, date_created } = member;
  const system_domain_id = call.state.domain.id;
  return { id, project_id: project.id, created_by_user, date_created, date_modified: date_created, system_domain_id };
}

/** Recorded; whether membership grants access is not known (`projectMember`). */
function addMember(call: Call): Reply {
  const project = pathProject(call);
  const id = requiredText(call.body, 'id');
  if (!call.state.users[id]) throw chosenRefusal(call, 'unknownProjectMember', { id: 'User does not exist.' });
  const before = project.members[id] ?? null;
  if (before) {
    if (CHOSEN.use(call.ctx, 'repeatedProjectMember') === 409) {
      throw chosenRefusal(call, 'repeatedProjectMember', 'User is already a member');
    }
  }
  call.ctx.chosen('projectMember');
  project.members[id] ??= { created_by_user: call.me.id, date_created: nowIso(call) };
  recordWrite(call.ctx, 'project_member', `${project.id}/${id}`, before, project.members[id]);
  return created(memberView(call, project, id));
}

function removeMember(call: Call): Reply {
  const project = pathProject(call);
  const id = param(call, 'member');
  const before = project.members[id];
  if (!before) throw notFound('Project member');
  delete project.members[id];
  call.ctx.write({ object: 'project_member', id: `${project.id}/${id}`, before: toJson(before), after: null });
  return noContent();
}

const P = '/API/assets/v1/projects';
const READ = 'can_read_projects';

export const projectRoutes: Route[] = [
  {
    method: 'GET',
    path: P,
    role: READ,
    handler: (call) => page(call, Object.values(call.state.projects), (project) => projectView(call.state, project)),
  },
  { method: 'POST', path: P, role: 'can_create_projects', handler: create },
  { method: 'GET', path: `${P}/{id}`, role: READ, handler: (call) => ok(projectView(call.state, pathProject(call))) },
  { method: 'PATCH', path: `${P}/{id}`, role: 'can_write_projects', handler: edit },
  { method: 'PUT', path: `${P}/{id}`, role: 'can_write_projects', handler: edit },
  { method: 'DELETE', path: `${P}/{id}`, role: 'can_delete_projects', handler: remove },
  {
    method: 'GET',
    path: `${P}/{id}/members`,
    role: READ,
    handler: (call) => {
      const project = pathProject(call);
      return ok({ objects: Object.keys(project.members).map((id) => memberView(call, project, id)) });
    },
  },
  { method: 'POST', path: `${P}/{id}/members`, role: 'can_add_project_members', handler: addMember },
  {
    method: 'GET',
    path: `${P}/{id}/members/{member}`,
    role: READ,
    handler: (call) => ok(memberView(call, pathProject(call), param(call, 'member'))),
  },
  { method: 'DELETE', path: `${P}/{id}/members/{member}`, role: 'can_delete_project_members', handler: removeMember },
];
