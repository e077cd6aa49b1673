// How everything is: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as activity from '../activity.ts'
import { changes, reads } from '../operation.ts'
import { problemList } from '../problem-shapes.ts'
import * as problems from '../problems.ts'
import { status, statusRequest } from '../status-shapes.ts'
import { showStatus } from '../status.ts'

const none = z.strictObject({})
const one = z.strictObject({ id: z.string() })

export const statusOperations = {
  'status.show': reads('What each part is doing, what happened today, what is going on', {
    parameters: statusRequest,
    answer: status,
    run: showStatus,
  }),
  'activity.recent': reads('The last steps of all messages, newest first', {
    parameters: activity.activityRequest,
    answer: z.array(activity.activity),
    run: activity.recentActivity,
  }),
  'problems.list': reads('What needs somebody, what is good to know, and what was solved in the last month', {
    parameters: none,
    answer: problemList,
    run: problems.listProblems,
  }),
  'problems.dismiss': changes('Tells of a problem no more, until it changes', {
    parameters: one,
    answer: problemList,
    run: problems.dismissProblem,
  }),
  'problems.recall': changes('Tells of a problem again', {
    parameters: one,
    answer: problemList,
    run: problems.recallProblem,
  }),
}
